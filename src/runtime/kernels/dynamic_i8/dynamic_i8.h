// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels around a product of floats by 8-bit weights: the range of some floats, their
// codes in it, and floats again out of exact sums. The arithmetic is that of base/dynamic_range.h,
// bit for bit.
#pragma once

#include <cstdint>

#include "base/cpu.h"
#include "base/dynamic_range.h"

namespace fettle::runtime {

// out[m][n] = clamp(scaled_sum(sums[m][n], scales[m], weight_scales[n], bias[n]) + residual[m][n])
// Up to kFinishPadding more of sums, weight_scales and bias are read past the last column.
struct FinishSums {
  const int32_t* sums;
  int64_t sum_stride;
  const float* scales;
  const float* weight_scales;
  const float* bias;
  const float* residual;  // strides as out; null: none
  float* out;             // may be the residual
  int64_t out_stride, rows, columns;
  float lo, hi;
};
inline constexpr int64_t kFinishPadding = 15;

// The same of depthwise sums, which are floats in `out`, by depthwise_scaled_sum and without
// padding.
struct FinishDepthwise {
  float scale;
  const float* weight_scales;
  const float* bias;
  float* out;
  int64_t rows, channels;  // rows of `channels` without gaps
  float lo, hi;
};

// dynamic_range() of several pairs at once, of which the first `count` count.
struct RangesI8 {
  static constexpr int64_t kCount = 16;
  float least[kCount] = {}, most[kCount] = {};
  float inverse[kCount], scale[kCount];
  int32_t zero[kCount];
  DynamicRange range(int64_t i) const { return {inverse[i], scale[i], zero[i], false}; }
};

struct DynamicI8 {
  const char* name;
  Isa isa;
  // Moves *least down and *most up to what is there. Not a number is passed over.
  void (*find_range)(const float* x, int64_t n, float* least, float* most);
  void (*find_ranges)(RangesI8* ranges);
  // to[i] = centred(x[i]) + zero; the range rounds halves to even.
  void (*quantize)(const float* x, int64_t n, const DynamicRange& range, int8_t* to);
  // to[i] = centred(x[i]); the range rounds halves away from 0.
  void (*centre)(const float* x, int64_t n, const DynamicRange& range, float* to);
  void (*finish)(const FinishSums& finish);
  void (*finish_depthwise)(const FinishDepthwise& finish);
};

// The best that runs on `isa`.
const DynamicI8& dynamic_i8(Isa isa);

}  // namespace fettle::runtime
