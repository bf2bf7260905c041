// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of integer matrix products and convolutions: one tile of a few output rows
// (pixels) by a panel of output columns (channels), over the whole depth, sums exact, and from
// there to codes. The product is indirect like gemm_f32's.
//
// Of 8-bit codes there are two kinds. With dot products of bytes, and on NEON, rows and weights are
// the codes themselves; zero points are in the panel's initial sums, and where weights have one of
// their own, in a factor for the sum of each row. Elsewhere both are widened to 16 bits, less their
// zero points, and multiplied exactly; weights without zero points when they are loaded. Sums stay
// in 32 bits.
//
// Of 16-bit codes, which have no zero point, rows are the codes themselves. A weight is one 16-bit
// element, or two where it has 16 bits itself: w = 256 * high + low. Sums of 32 bits move on to
// doubles wherever a further element could make them overflow (GemmRun); those are exact up to
// 2^53.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"
#include "runtime/kernels/ahead.h"
#include "runtime/kernels/sum_form.h"

namespace fettle::runtime {

// Elements [begin, begin + count) of a tap of every row; then, where `widens`, sums move to
// doubles.
struct GemmRun {
  int64_t tap, begin, count;
  bool widens;
};

// A panel of 8-bit codes is int32 initial[nr], float multiplier[nr], int32 row_factor[nr], one of
// 16-bit codes int32 initial[nr], float multiplier[nr], double base[nr]; then the weights
// [taps][depth / group][halves][nr][group], depth rounded up to the group with zeros.
//
// out[m][n] = requantize(initial[n] + row_factor[n] * row_sums[m] + sum over taps and depth of
//                        row * weight, multiplier[n])
// Sums of 8-bit codes wrap around on the way; the end has to fit. Where they begin as floats,
// `initial` has start_of(form) added. Where those of 16-bit codes widen, they begin at `base` and
// not at `initial`. Reads exactly `depth` elements of each row.
struct GemmI8Tile {
  const std::byte* const* rows;  // row m of tap t is rows[t * row_step + m]
  int64_t row_step;
  int64_t taps;
  int64_t depth;  // of widened elements a multiple of the group
  const std::byte* panel;
  Ahead ahead;
  const int32_t* initial;   // the panel's, plus what taps that are left out would add
  const float* offset;      // offset_of each multiplier, where sums begin from_zero
  SumForm form;             // not `integer` only where kernels have float_sums
  uint64_t left_out;        // taps, a bit each: all rows are padding there
  bool has_lowest;          // some weight is -128
  const int32_t* row_sums;  // null: no factors
  const GemmRun* runs;      // of 16-bit codes: in place of taps and depth
  int64_t run_count;
  bool widens;  // some run does, or weights have two halves
  bool sums;    // of 8-bit codes: the sums themselves are the result, int32
  void* out;    // codes, or sums
  int64_t out_stride;
  int columns;   // to write, of the panel's; sums are written all
  float lo, hi;  // bounds before the zero point is added
  int32_t zero_point;
};

using GemmI8Fn = void (*)(const GemmI8Tile& tile);

inline constexpr int kMaxI8TileRows = 12, kMaxI8PanelColumns = 64;

// The tiles of one panel width: fn[r - 1] does r rows, 1 <= r <= mr.
struct GemmI8MicroKernel {
  int mr, nr;
  GemmI8Fn fn[kMaxI8TileRows];
};

struct GemmI8 {
  const char* name;
  Isa isa;
  int group;            // elements of depth that lie together in a panel
  int element_bytes;    // of rows and weights as they are multiplied
  int weight_bytes;     // of a weight's element in a panel; fewer are widened when they are loaded
  int code_bytes;       // of activations and results
  int halves;           // elements of a weight
  int activation_flip;  // added to each activation code within the kernel, known to `initial`
  int count;
  const GemmI8MicroKernel* kernels;  // nr ascending, each a multiple of the first
  // to[p][c] = x[p][c] - zero, zeros from `channels` to `padded`. Null where codes are elements.
  void (*widen)(const int8_t* x, int64_t pixels, int64_t channels, int64_t padded, int32_t zero,
                int16_t* to);
  // The sum of n codes. Only where elements are bytes.
  int32_t (*row_sum)(const int8_t* x, int64_t n);
  bool float_sums = false;  // takes sums of every form

  int header_bytes() const { return code_bytes == 1 ? 12 : 16; }  // of a panel, for each column
};

// The best that runs on `isa`. symmetric_weights: none has a zero point.
const GemmI8& gemm_i8(Isa isa, bool symmetric_weights);
// Of 16-bit activations, with weights of 8 or of 16 bits.
const GemmI8& gemm_i16(Isa isa, bool wide_weights);

}  // namespace fettle::runtime
