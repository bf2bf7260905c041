// SPDX-License-Identifier: Apache-2.0
//
// The body of resize_i8, for the files of the instruction sets alone.
#pragma once

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

void resize_row(const int8_t* x, const ResizeTapI8& tap, int32_t* y, int64_t n) {
  const int8_t *a = x + tap.first, *b = x + tap.second;
  const VI units = splat_int(tap.units);
  int64_t i = 0;
  for (; i + kQuadCodes <= n; i += kQuadCodes) {
    VI first[4], second[4];
    load_quad(a + i, first);
    load_quad(b + i, second);
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) {
      *reinterpret_cast<LooseInts*>(y + i + q * kLanes) = blend(first[q], second[q], units);
    }
  }
  for (; i < n; ++i) y[i] = blend<int32_t>(a[i], b[i], tap.units);
}

void resize_narrow(const int32_t* x, int8_t* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store_codes(y + i, code_of<1>(load_ints(x + i)));
  for (; i < n; ++i) y[i] = static_cast<int8_t>(code_of<1>(x[i]));
}

FETTLE_INLINE VI weighted_pixels(const int32_t* x, const ResizeTapI8& tap, VI units, int64_t i) {
  return code_of<2>(blend(load_ints(x + tap.first + i), load_ints(x + tap.second + i), units));
}

// Whole vectors, also where a pixel's last one is not full: the next pixel overwrites what is too
// much. Pixels at the end, whose surplus would lie past the row, store theirs code by code.
void resize_columns(const int32_t* x, const ResizeTapI8* taps, int8_t* y, int64_t columns,
                    int64_t channels) {
  const int64_t vectors = (channels + kLanes - 1) / kLanes;
  const int64_t surplus = vectors * kLanes - channels;
  const int64_t loose = (surplus + channels - 1) / channels;
  const int64_t plain = columns > loose ? columns - loose : 0;
  for (int64_t j = 0; j < plain; ++j, y += channels) {
    const VI units = splat_int(taps[j].units);
    for (int64_t i = 0; i < channels; i += kLanes) {
      store_codes(y + i, weighted_pixels(x, taps[j], units, i));
    }
  }
  for (int64_t j = plain; j < columns; ++j, y += channels) {
    const VI units = splat_int(taps[j].units);
    for (int64_t i = 0; i < channels; i += kLanes) {
      const VI codes = weighted_pixels(x, taps[j], units, i);
      for (int64_t k = 0; k < kLanes && i + k < channels; ++k) {
        y[i + k] = static_cast<int8_t>(codes[k]);
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
