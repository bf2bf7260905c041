// SPDX-License-Identifier: Apache-2.0
//
// The body of resize_f32, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/resize/resize_f32.h"
#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

template <class T>
FETTLE_INLINE T weighted(const float* a, const float* b, float wa, float wb) {
  return load<T>(a) * wa + load<T>(b) * wb;
}

FETTLE_INLINE void weigh(const float* a, const float* b, const ResizeTapF32& tap, float* y,
                         int64_t n) {
  const float wa = tap.first_weight, wb = tap.second_weight;
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, weighted<V>(a + i, b + i, wa, wb));
  if (i + kHalfLanes <= n) {
    store(y + i, weighted<H>(a + i, b + i, wa, wb));
    i += kHalfLanes;
  }
  for (; i < n; ++i) y[i] = a[i] * wa + b[i] * wb;
}

void resize_row(const float* first, const float* second, const ResizeTapF32& weights, float* y,
                int64_t n) {
  weigh(first, second, weights, y, n);
}

void resize_columns(const float* x, const ResizeTapF32* taps, float* y, int64_t columns,
                    int64_t channels) {
  if (channels == 1) {
    for (int64_t j = 0; j < columns; ++j) {
      y[j] = x[taps[j].first] * taps[j].first_weight + x[taps[j].second] * taps[j].second_weight;
    }
    return;
  }
  for (int64_t j = 0; j < columns; ++j, y += channels) {
    weigh(x + taps[j].first, x + taps[j].second, taps[j], y, channels);
  }
}

}  // namespace
}  // namespace fettle::runtime
