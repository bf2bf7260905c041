// SPDX-License-Identifier: Apache-2.0
//
// The body of winograd_f32, for the files of the instruction sets alone: the transforms along one
// dimension, applied to the columns and then to the rows of a tile.
#pragma once

#include "runtime/kernels/vector_f32.h"
#include "runtime/kernels/winograd_f32/winograd_f32.h"

namespace fettle::runtime {
namespace {

// The points are 0, +-kP, +-kQ, infinity.
constexpr auto kP = static_cast<float>(kWinogradP), kQ = static_cast<float>(kWinogradQ);

template <class T>
FETTLE_INLINE void transform_in(const T (&d)[6], T (&t)[6]) {
  const T even_p = d[4] - 2.0F * d[2], odd_p = d[3] - 2.0F * d[1];
  const T even_q = d[4] - 0.5F * d[2], odd_q = d[3] - 0.5F * d[1];
  t[0] = d[0] - 2.5F * d[2] + d[4];
  t[1] = even_p + kP * odd_p;
  t[2] = even_p - kP * odd_p;
  t[3] = even_q + kQ * odd_q;
  t[4] = even_q - kQ * odd_q;
  t[5] = d[1] - 2.5F * d[3] + d[5];
}
template <class T>
FETTLE_INLINE void transform_out(const T (&m)[6], T (&y)[4]) {
  const T sum_p = m[1] + m[2], difference_p = m[1] - m[2];
  const T sum_q = m[3] + m[4], difference_q = m[3] - m[4];
  y[0] = m[0] + sum_p + sum_q;
  y[1] = kP * difference_p + kQ * difference_q;
  y[2] = 0.5F * sum_p + 2.0F * sum_q;
  y[3] = m[5] + (kP * 0.5F) * difference_p + (kQ * 2.0F) * difference_q;
}

template <class T>
FETTLE_INLINE void transform_in(const T (&d)[4], T (&t)[4]) {
  t[0] = d[0] - d[2];
  t[1] = d[1] + d[2];
  t[2] = d[2] - d[1];
  t[3] = d[1] - d[3];
}
template <class T>
FETTLE_INLINE void transform_out(const T (&m)[4], T (&y)[2]) {
  y[0] = m[0] + m[1] + m[2];
  y[1] = m[1] - m[2] - m[3];
}

template <class T>
FETTLE_INLINE void transform_weights(const T (&g)[3], T (&t)[6]) {
  const T even_p = (-2.0F / 3) * g[0] - (1.0F / 3) * g[2], odd_p = (-2.0F / 3 * kP) * g[1];
  const T even_q = (1.0F / 6) * g[0] + (1.0F / 3) * g[2], odd_q = (kQ / 6) * g[1];
  t[0] = g[0];
  t[1] = even_p + odd_p;
  t[2] = even_p - odd_p;
  t[3] = even_q + odd_q;
  t[4] = even_q - odd_q;
  t[5] = g[2];
}
template <class T>
FETTLE_INLINE void transform_weights(const T (&g)[3], T (&t)[4]) {
  const T even = 0.5F * (g[0] + g[2]), odd = 0.5F * g[1];
  t[0] = g[0];
  t[1] = even + odd;
  t[2] = even - odd;
  t[3] = g[2];
}

template <class T, int kEdge>
FETTLE_INLINE void input_at(const WinogradF32Input& tile, int64_t c) {
  T half[kEdge][kEdge];
#pragma GCC unroll 8
  for (int j = 0; j < kEdge; ++j) {
    T d[kEdge], t[kEdge];
#pragma GCC unroll 8
    for (int i = 0; i < kEdge; ++i) d[i] = load<T>(tile.pixels[i * kEdge + j] + c);
    transform_in(d, t);
#pragma GCC unroll 8
    for (int i = 0; i < kEdge; ++i) half[i][j] = t[i];
  }
  float* out = tile.out + c;
#pragma GCC unroll 8
  for (int i = 0; i < kEdge; ++i) {
    T t[kEdge];
    transform_in(half[i], t);
#pragma GCC unroll 8
    for (int j = 0; j < kEdge; ++j) {
      store(out, t[j]);
      out += tile.plane;
    }
  }
}

template <class T, int kEdge>
FETTLE_INLINE void output_at(const WinogradF32Output& tile, int64_t c) {
  constexpr int kOut = kEdge - 2;
  T half[kOut][kEdge];
#pragma GCC unroll 8
  for (int j = 0; j < kEdge; ++j) {
    T m[kEdge], y[kOut];
#pragma GCC unroll 8
    for (int i = 0; i < kEdge; ++i) m[i] = load<T>(tile.in + (i * kEdge + j) * tile.plane + c);
    transform_out(m, y);
#pragma GCC unroll 8
    for (int i = 0; i < kOut; ++i) half[i][j] = y[i];
  }
  const T bias = load<T>(tile.bias + c), lo = splat<T>(tile.lo), hi = splat<T>(tile.hi);
#pragma GCC unroll 8
  for (int i = 0; i < kOut; ++i) {
    if (i >= tile.rows) break;
    T y[kOut];
    transform_out(half[i], y);
    const int64_t at = i * tile.row_step + c;
#pragma GCC unroll 8
    for (int j = 0; j < kOut; ++j) {
      if (j >= tile.columns) break;
      T v = y[j] + bias;
      if (tile.residual != nullptr) v += load<T>(tile.residual + at + j * tile.column_step);
      store(tile.out + at + j * tile.column_step, min_of(max_of(v, lo), hi));
    }
  }
}

template <int kEdge>
void winograd_input(const WinogradF32Input& given) {
  const WinogradF32Input tile = given;  // where no store can reach it
  int64_t c = 0;
  for (; c + kLanes <= tile.channels; c += kLanes) input_at<V, kEdge>(tile, c);
  for (; c < tile.channels; ++c) input_at<float, kEdge>(tile, c);
}

template <int kEdge>
void winograd_output(const WinogradF32Output& given) {
  const WinogradF32Output tile = given;
  int64_t c = 0;
  for (; c + kLanes <= tile.channels; c += kLanes) output_at<V, kEdge>(tile, c);
  for (; c < tile.channels; ++c) output_at<float, kEdge>(tile, c);
}

template <class T, int kEdge>
FETTLE_INLINE void weights_at(const WinogradF32Weights& w, const float (&row)[3], int64_t i) {
  T g[3], t[kEdge];
#pragma GCC unroll 8
  for (int b = 0; b < 3; ++b) {
    const float* tap = w.taps + b * w.tap_plane + i;
    g[b] = row[0] * load<T>(tap) + row[1] * load<T>(tap + 3 * w.tap_plane) +
           row[2] * load<T>(tap + 6 * w.tap_plane);
  }
  transform_weights(g, t);
#pragma GCC unroll 8
  for (int j = 0; j < kEdge; ++j) store(w.out + j * w.plane + i, t[j]);
}

template <int kEdge>
void winograd_weights(const WinogradF32Weights& given) {
  const WinogradF32Weights w = given;
  const float row[3] = {static_cast<float>(w.row[0]), static_cast<float>(w.row[1]),
                        static_cast<float>(w.row[2])};
  int64_t i = 0;
  for (; i + kLanes <= w.count; i += kLanes) weights_at<V, kEdge>(w, row, i);
  for (; i < w.count; ++i) weights_at<float, kEdge>(w, row, i);
}

constexpr WinogradF32Transforms kTransforms4 = {6, winograd_input<6>, winograd_output<6>,
                                                winograd_weights<6>};
constexpr WinogradF32Transforms kTransforms2 = {4, winograd_input<4>, winograd_output<4>,
                                                winograd_weights<4>};

}  // namespace
}  // namespace fettle::runtime
