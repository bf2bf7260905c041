// SPDX-License-Identifier: Apache-2.0
//
// The body of pool_f32, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/pool_f32/pool_f32.h"
#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

struct JoinSum {
  static constexpr float kStart = 0;
  template <class T>
  static FETTLE_INLINE T join(T acc, T x) {
    return acc + x;
  }
};
// A NaN, once taken, stays.
struct JoinMax {
  static constexpr float kStart = -__builtin_inff();
  template <class T>
  static FETTLE_INLINE T join(T acc, T x) {
    return ((x > acc) | (x != x)) ? x : acc;
  }
};
struct JoinMin {
  static constexpr float kStart = __builtin_inff();
  template <class T>
  static FETTLE_INLINE T join(T acc, T x) {
    return ((x < acc) | (x != x)) ? x : acc;
  }
};

template <class J, class T>
FETTLE_INLINE T start_of() {
  return T{} + J::kStart;
}

// kVectors neighbouring vectors of channels of one window.
template <class J, class T, int kVectors>
FETTLE_INLINE void window_at(const PoolF32Windows& w, const float* in, float* out) {
  constexpr int64_t kStep = sizeof(T) / sizeof(float);
  T acc[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) acc[v] = start_of<J, T>();
  for (int64_t kh = 0; kh < w.taps_h; ++kh, in += w.in_row_step) {
    T row[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) row[v] = start_of<J, T>();
    const float* p = in;
    for (int64_t kw = 0; kw < w.taps_w; ++kw, p += w.in_column_step) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) row[v] = J::join(row[v], load<T>(p + v * kStep));
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) acc[v] = J::join(acc[v], row[v]);
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) store(out + v * kStep, acc[v] * w.scale);
}

template <class J>
void pool_windows(const PoolF32Windows& windows) {
  const PoolF32Windows w = windows;  // where no store can reach it
  for (int64_t j = 0; j < w.columns; ++j) {
    const float* in = w.in + j * w.in_step;
    float* out = w.out + j * w.out_step;
    int64_t c = 0;
    for (; c + 4 * kLanes <= w.channels; c += 4 * kLanes) window_at<J, V, 4>(w, in + c, out + c);
    for (; c + kLanes <= w.channels; c += kLanes) window_at<J, V, 1>(w, in + c, out + c);
    if (c + kHalfLanes <= w.channels) {
      window_at<J, H, 1>(w, in + c, out + c);
      c += kHalfLanes;
    }
    for (; c < w.channels; ++c) window_at<J, float, 1>(w, in + c, out + c);
  }
}

// Joins of at most kBlock vectors are joined in their turn.
template <class J>
void pool_rows(const float* in, float* out, int64_t rows, int64_t length, float scale) {
  constexpr int64_t kBlock = 4 * 32 * kLanes;
  for (int64_t r = 0; r < rows; ++r, in += length) {
    V whole = start_of<J, V>();
    int64_t i = 0;
    while (i + kLanes <= length) {
      const int64_t end = length - i < kBlock ? length : i + kBlock;
      V acc[4];
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) acc[v] = start_of<J, V>();
      for (; i + 4 * kLanes <= end; i += 4 * kLanes) {
#pragma GCC unroll 4
        for (int v = 0; v < 4; ++v) acc[v] = J::join(acc[v], load<V>(in + i + v * kLanes));
      }
      for (; i + kLanes <= end; i += kLanes) acc[0] = J::join(acc[0], load<V>(in + i));
      acc[0] = J::join(J::join(acc[0], acc[1]), J::join(acc[2], acc[3]));
      whole = J::join(whole, acc[0]);
    }
    float one = J::kStart;
    for (; i < length; ++i) one = J::join(one, in[i]);
    for (int v = 0; v < kLanes; ++v) one = J::join(one, whole[v]);
    out[r] = one * scale;
  }
}

#define FETTLE_POOL(name, isa)                                                          \
  {                                                                                     \
    name, isa, {pool_windows<JoinSum>, pool_windows<JoinMax>, pool_windows<JoinMin>}, { \
      pool_rows<JoinSum>, pool_rows<JoinMax>, pool_rows<JoinMin>                        \
    }                                                                                   \
  }

}  // namespace
}  // namespace fettle::runtime
