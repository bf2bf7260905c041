// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of depthwise convolution: a few neighbouring output columns of one row, over a
// range of channels, vectors across channels. Rows of taps that padding cuts are left out by the
// caller; input columns that it cuts are marked, and skipped.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// out[j][c] = clamp(bias[c] + residual[j][c] + sum over kh < taps_h, kw < taps_w of
//     in[kh * in_row_step + (j * stride + kw) * in_column_step + c]
//     * weights[kh * weight_row_step + kw * weight_column_step + c])
// for c < channels and j < the kernel's columns, where out and residual step by out_column_step.
struct DepthwiseF32Tile {
  const float* in;
  int64_t in_row_step, in_column_step;
  const float* weights;
  int64_t weight_row_step, weight_column_step;
  int64_t taps_h;
  // The general kernel does taps_w of its taps; the others have their own width, and skip the
  // input columns i (counted from `in`) whose bit i here is 0.
  int64_t taps_w;
  uint32_t columns_inside;
  const float* bias;
  const float* residual;  // null: none
  float* out;
  int64_t out_column_step;
  int64_t channels;
  float lo, hi;
};

using DepthwiseF32Fn = void (*)(const DepthwiseF32Tile& tile);

// 7 divides the widths of most maps: 7, 14, 28, 56, 112.
inline constexpr int kDepthwiseColumns = 7;

struct DepthwiseF32 {
  const char* name;
  Isa isa;
  DepthwiseF32Fn general;  // one column
  // [columns - 1], for kernels 3 and 5 wide, stride 1 and 2; dilation across is in_column_step
  DepthwiseF32Fn wide3[2][kDepthwiseColumns];
  DepthwiseF32Fn wide5[2][kDepthwiseColumns];
};

// The best that runs on `isa`.
const DepthwiseF32& depthwise_f32(Isa isa);

}  // namespace fettle::runtime
