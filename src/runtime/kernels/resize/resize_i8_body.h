// SPDX-License-Identifier: Apache-2.0
//
// The body of resize_i8, for the files of the instruction sets alone.
#pragma once

#include <algorithm>

#include "base/interpolation.h"
#include "runtime/kernels/resize/resize_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

static_assert(kLanes <= kResizeI8Slack);

template <class T>
FETTLE_INLINE T blend(T first, T second, T units) {
  return first * kInterpolationUnit + (second - first) * units;
}

template <int kAxes, class T>
FETTLE_INLINE T code_of(T sum) {
  constexpr int kBits = kAxes * kInterpolationBits;
  return (sum + (1 << (kBits - 1))) >> kBits;
}

FETTLE_INLINE void weigh_pixel(const int8_t* a, const int8_t* b, int32_t units, int32_t* y,
                               int64_t channels) {
  for (int64_t i = 0; i < channels; ++i) y[i] = blend<int32_t>(a[i], b[i], units);
}

// Whole vectors, also where a pixel's last one is not full: the next pixel overwrites what is too
// much. Pixels whose surplus would be read past the row go code by code.
void resize_columns(const int8_t* x, int64_t row, const ResizeTapI8* taps, int32_t* y,
                    int64_t columns, int64_t channels) {
  const int64_t reads = (channels + kLanes - 1) / kLanes * kLanes;
  for (int64_t j = 0; j < columns; ++j, y += channels) {
    const ResizeTapI8& tap = taps[j];
    const int8_t *a = x + tap.first, *b = x + tap.second;
    if (channels == 1 || std::max(tap.first, tap.second) + reads > row) {
      weigh_pixel(a, b, tap.units, y, channels);
      continue;
    }
    const VI units = splat_int(tap.units);
    for (int64_t i = 0; i < channels; i += kLanes) {
      const VI sums = blend(load_codes(a + i), load_codes(b + i), units);
      *reinterpret_cast<LooseInts*>(y + i) = sums;
    }
  }
}

void resize_sums(const int32_t* first, const int32_t* second, int32_t units, int8_t* y, int64_t n) {
  const VI weight = splat_int(units);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_codes(y + i, code_of<2>(blend(load_ints(first + i), load_ints(second + i), weight)));
  }
  for (; i < n; ++i) y[i] = static_cast<int8_t>(code_of<2>(blend(first[i], second[i], units)));
}

void resize_codes(const int8_t* first, const int8_t* second, int32_t units, int8_t* y, int64_t n) {
  const VI weight = splat_int(units);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_codes(y + i, code_of<1>(blend(load_codes(first + i), load_codes(second + i), weight)));
  }
  for (; i < n; ++i) {
    y[i] = static_cast<int8_t>(code_of<1>(blend<int32_t>(first[i], second[i], units)));
  }
}

}  // namespace
}  // namespace fettle::runtime
