// SPDX-License-Identifier: Apache-2.0
//
// The body of depthwise_f32, for the files of the instruction sets alone. For each vector of
// channels and each row of taps, the row's weights are held in registers while the input columns
// go past once, each added into every output column that it reaches.
#pragma once

#include "runtime/kernels/depthwise_f32/depthwise_f32.h"
#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

// Input columns that a tile touches, and whether column i of them may be outside: where padding is
// narrower than the kernel, only the first and the last ones are.
template <int kWide, int kStride, int kColumns>
constexpr int kSpan = (kColumns - 1) * kStride + kWide;
template <int kWide, int kStride, int kColumns>
constexpr bool may_be_outside(int i) {
  return i < kWide - 1 || i > kSpan<kWide, kStride, kColumns> - kWide;
}
template <int kWide, int kStride, int kColumns>
constexpr uint32_t columns_never_outside() {
  uint32_t columns = 0;
  for (int i = 0; i < kSpan<kWide, kStride, kColumns>; ++i) {
    if (!may_be_outside<kWide, kStride, kColumns>(i)) columns |= uint32_t{1} << i;
  }
  return columns;
}

// Half vectors have code of their own where they are worth it: not those of two lanes.
constexpr bool kHalves = kLanes > 4;

// T is a whole or a half vector; c the first channel.
template <class T, int kWide, int kStride, int kColumns>
FETTLE_INLINE void columns_at(const DepthwiseF32Tile& t, int64_t c) {
  T acc[kColumns];
  const T bias = load<T>(t.bias + c);
#pragma GCC unroll 8
  for (int j = 0; j < kColumns; ++j) acc[j] = bias;
  const float* in = t.in + c;
  const float* weights = t.weights + c;
  for (int64_t kh = 0; kh < t.taps_h; ++kh) {
    T w[kWide];
#pragma GCC unroll 8
    for (int kw = 0; kw < kWide; ++kw) w[kw] = load<T>(weights + kw * t.weight_column_step);
    const float* p = in;
#pragma GCC unroll 32
    for (int i = 0; i < kSpan<kWide, kStride, kColumns>; ++i, p += t.in_column_step) {
      if (may_be_outside<kWide, kStride, kColumns>(i) && (t.columns_inside >> i & 1) == 0) continue;
      T x = load<T>(p);
      hold(x);
#pragma GCC unroll 8
      for (int kw = 0; kw < kWide; ++kw) {
        const int j = (i - kw) / kStride;
        if (i >= kw && (i - kw) % kStride == 0 && j < kColumns) acc[j] += x * w[kw];
      }
    }
    in += t.in_row_step;
    weights += t.weight_row_step;
  }
  const T lo = splat<T>(t.lo), hi = splat<T>(t.hi);
  float* out = t.out + c;
  const float* residual = t.residual;
  if (residual != nullptr) {
    residual += c;
#pragma GCC unroll 8
    for (int j = 0; j < kColumns; ++j) {
      acc[j] += load<T>(residual);
      residual += t.out_column_step;
    }
  }
#pragma GCC unroll 8
  for (int j = 0; j < kColumns; ++j) {
    store(out, min_of(max_of(acc[j], lo), hi));
    out += t.out_column_step;
  }
}

// The channels past the last vector, one by one: rare, so small rather than fast.
__attribute__((noinline)) void tail_columns(const DepthwiseF32Tile& t, int wide, int stride,
                                            int columns, int64_t c) {
  for (int j = 0; j < columns; ++j) {
    float acc = t.bias[c];
    for (int64_t kh = 0; kh < t.taps_h; ++kh) {
      for (int kw = 0; kw < wide; ++kw) {
        const int i = j * stride + kw;
        if ((t.columns_inside >> i & 1) == 0) continue;
        acc += t.in[kh * t.in_row_step + i * t.in_column_step + c] *
               t.weights[kh * t.weight_row_step + kw * t.weight_column_step + c];
      }
    }
    if (t.residual != nullptr) acc += t.residual[j * t.out_column_step + c];
    t.out[j * t.out_column_step + c] = min_of(max_of(acc, t.lo), t.hi);
  }
}

template <int kWide, int kStride, int kColumns>
void depthwise_columns(const DepthwiseF32Tile& tile) {
  const DepthwiseF32Tile t = tile;  // where no store can reach it
  constexpr uint32_t kNever = columns_never_outside<kWide, kStride, kColumns>();
  int64_t c = 0;
  if ((t.columns_inside & kNever) != kNever) {  // padding as wide as the kernel
    for (; c < t.channels; ++c) tail_columns(tile, kWide, kStride, kColumns, c);
    return;
  }
  // Where a last vector may overlap the one before it, there is no tail.
  const bool overlap = t.channels > kLanes && t.residual != t.out;
  const bool whole = overlap && !(kHalves && t.channels % kLanes == kHalfLanes);
  const int64_t end = whole ? t.channels : t.channels - kLanes + 1;
  for (const int64_t last = t.channels - kLanes; c < end; c += kLanes) {
    columns_at<V, kWide, kStride, kColumns>(t, c < last ? c : last);
  }
  if constexpr (kHalves) {
    if (c + kHalfLanes <= t.channels) {
      columns_at<H, kWide, kStride, kColumns>(t, c);
      c += kHalfLanes;
    }
  }
  for (; c < t.channels; ++c) tail_columns(tile, kWide, kStride, kColumns, c);
}

template <class T>
FETTLE_INLINE void general_at(const DepthwiseF32Tile& t, int64_t c) {
  T acc = load<T>(t.bias + c);
  for (int64_t kh = 0; kh < t.taps_h; ++kh) {
    const float* in = t.in + kh * t.in_row_step + c;
    const float* weights = t.weights + kh * t.weight_row_step + c;
    for (int64_t kw = 0; kw < t.taps_w; ++kw) {
      acc += load<T>(in) * load<T>(weights);
      in += t.in_column_step;
      weights += t.weight_column_step;
    }
  }
  if (t.residual != nullptr) acc += load<T>(t.residual + c);
  store(t.out + c, min_of(max_of(acc, splat<T>(t.lo)), splat<T>(t.hi)));
}

void depthwise_general(const DepthwiseF32Tile& tile) {
  const DepthwiseF32Tile t = tile;
  int64_t c = 0;
  for (; c + kLanes <= t.channels; c += kLanes) general_at<V>(t, c);
  if (c + kHalfLanes <= t.channels) {
    general_at<H>(t, c);
    c += kHalfLanes;
  }
  for (; c < t.channels; ++c) general_at<float>(t, c);
}

#define FETTLE_COLUMNS(wide, stride)                                            \
  {                                                                             \
    depthwise_columns<wide, stride, 1>, depthwise_columns<wide, stride, 2>,     \
        depthwise_columns<wide, stride, 3>, depthwise_columns<wide, stride, 4>, \
        depthwise_columns<wide, stride, 5>, depthwise_columns<wide, stride, 6>, \
        depthwise_columns<wide, stride, 7>                                      \
  }
#define FETTLE_DEPTHWISE(name, isa)                                               \
  {                                                                               \
    name, isa, depthwise_general, {FETTLE_COLUMNS(3, 1), FETTLE_COLUMNS(3, 2)}, { \
      FETTLE_COLUMNS(5, 1), FETTLE_COLUMNS(5, 2)                                  \
    }                                                                             \
  }

}  // namespace
}  // namespace fettle::runtime
