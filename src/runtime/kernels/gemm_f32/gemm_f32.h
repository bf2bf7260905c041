// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of float matrix products and convolutions: one tile of a few output rows
// (pixels) by a panel of output columns (channels), over the whole depth, in registers.
//
// The product is indirect: row m of the left side is given as one pointer for each tap, so that a
// convolution needs no im2col and a padded tap points at zeros. A plain product has one tap.
#pragma once

#include <cstdint>

#include "base/cpu.h"
#include "runtime/kernels/ahead.h"

namespace fettle::runtime {

// out[m][n] = clamp(init[m][n] + residual[m][n]
//                   + sum over tap, k of rows[tap * row_step + m][depth_begin + k] * panel[..][n])
// for m < the kernel's rows and n < its width.
//
// Reads `depth` floats from each row pointer, the whole panel, and of init, residual and out
// exactly the tile; writes exactly the tile. `init` may be `out`.
struct GemmF32Tile {
  const float* const* rows;
  int64_t row_step;
  int64_t taps;
  int64_t depth_begin;
  int64_t depth;
  const float* panel;  // [taps][depth][width]
  int64_t panel_skip;  // floats between one tap's end in the panel and the next tap's begin
  Ahead ahead;
  const float* init;
  int64_t init_stride;    // 0: one row for all, the bias
  const float* residual;  // null: none
  int64_t residual_stride;
  float* out;
  int64_t out_stride;
  float lo, hi;
};

using GemmF32Fn = void (*)(const GemmF32Tile& tile);

inline constexpr int kMaxTileRows = 16;

// The tiles of one panel width: fn[r - 1] does r rows, 1 <= r <= mr.
struct GemmF32MicroKernel {
  int mr, nr;
  float cost;  // relative time of a full tile's row, for choosing how to cut columns into panels
  GemmF32Fn fn[kMaxTileRows];
};

struct GemmF32 {
  const char* name;
  Isa isa;
  int count;
  const GemmF32MicroKernel* kernels;  // in ascending order of nr; the first nr divides the others
  const GemmF32MicroKernel& of_width(int nr) const {
    int i = 0;
    while (kernels[i].nr != nr) ++i;
    return kernels[i];
  }
};

// The best that runs on `isa`.
const GemmF32& gemm_f32(Isa isa);

}  // namespace fettle::runtime
