// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of 8-bit matrix products and convolutions: one tile of a few output rows
// (pixels) by a panel of output columns (channels), over the whole depth, sums exact in 32-bit
// registers, and from there to codes.
//
// The product is indirect like gemm_f32's. There are two kinds. With dot-product instructions
// (steps of 4 bytes) rows and weights are the codes themselves; zero points are in the panel's
// initial sums, and where weights have one of their own, in a factor for the sum of each row.
// Without, both are widened to 16 bits, less their zero points, and multiplied exactly.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// A panel is int32 initial[nr], float multiplier[nr], int32 row_factor[nr], then the weights
// [taps][depth / group][nr][group], depth rounded up to the group with zeros.
//
// out[m][n] = requantize(initial[n] + row_factor[n] * row_sums[m] + sum over taps and depth of
//                        row * weight, multiplier[n])
// Sums wrap around on the way; the end has to fit. Reads exactly `depth` elements of each row.
struct GemmI8Tile {
  const std::byte* const* rows;  // row m of tap t is rows[t * row_step + m]
  int64_t row_step;
  int64_t taps;
  int64_t depth;  // of 16-bit elements a multiple of the group
  const std::byte* panel;
  const int32_t* row_sums;  // null: no factors
  int8_t* out;
  int64_t out_stride;
  int columns;   // to write, of the panel's
  float lo, hi;  // bounds before the zero point is added
  int32_t zero_point;
};

using GemmI8Fn = void (*)(const GemmI8Tile& tile);

inline constexpr int kMaxI8TileRows = 12;

// The tiles of one panel width: fn[r - 1] does r rows, 1 <= r <= mr.
struct GemmI8MicroKernel {
  int mr, nr;
  GemmI8Fn fn[kMaxI8TileRows];
};

struct GemmI8 {
  const char* name;
  Isa isa;
  int group;            // elements of depth that lie together in a panel
  int element_bytes;    // of rows and weights: 1, or 2 where they are widened
  int activation_flip;  // added to each activation code within the kernel, known to `initial`
  int count;
  const GemmI8MicroKernel* kernels;  // nr ascending, each a multiple of the first
  // to[p][c] = x[p][c] - zero, zeros from `channels` to `padded`. Only where element_bytes is 2.
  void (*widen)(const int8_t* x, int64_t pixels, int64_t channels, int64_t padded, int32_t zero,
                int16_t* to);
  // The sum of n codes. Only where element_bytes is 1.
  int32_t (*row_sum)(const int8_t* x, int64_t n);
};

// The best that runs on `isa`.
const GemmI8& gemm_i8(Isa isa);

}  // namespace fettle::runtime
