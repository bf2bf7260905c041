// SPDX-License-Identifier: Apache-2.0
//
// The body of resize_codes, for the files of the instruction sets alone.
#pragma once

#include <algorithm>

#include "base/interpolation.h"
#include "runtime/kernels/resize/resize_codes.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

static_assert(kLanes <= kResizeCodesSlack);

template <class T>
constexpr int kBits = interpolation_bits(sizeof(T));

FETTLE_INLINE VI load_codes(const int16_t* p) { return load_words(p); }

// Of two codes; the sum fits 32 bits for either type.
template <class T, class Ints>
FETTLE_INLINE Ints blend(Ints first, Ints second, Ints units) {
  return first * (1 << kBits<T>)+(second - first) * units;
}

// `sum` is of codes weighted once.
template <class T, class Ints>
FETTLE_INLINE Ints code_of(Ints sum) {
  return (sum + (1 << (kBits<T> - 1))) >> kBits<T>;
}

// The code of two sums, of 8-bit codes in 32 bits.
FETTLE_INLINE VI code_of_sums(VI first, VI second, int32_t units, int8_t) {
  constexpr int kBoth = 2 * kBits<int8_t>;
  return (blend<int8_t>(first, second, splat_int(units)) + (1 << (kBoth - 1))) >> kBoth;
}
// Of 16-bit ones in double, which holds them exactly.
FETTLE_INLINE VI code_of_sums(VI first, VI second, int32_t units, int16_t) {
  constexpr double kUnit = 1.0 / (int64_t{1} << 2 * kBits<int16_t>);
  const double weight = units, rest = (1 << kBits<int16_t>)-units;
  const WideSum sum = WideSum::of(first) * (rest * kUnit) + WideSum::of(second) * (weight * kUnit);
  return sum.halves_up();
}
template <class T>
FETTLE_INLINE T code_of_sums(int64_t first, int64_t second, int32_t units) {
  constexpr int kBoth = 2 * kBits<T>;
  return static_cast<T>((blend<T, int64_t>(first, second, units) + (int64_t{1} << (kBoth - 1))) >>
                        kBoth);
}

template <class T>
FETTLE_INLINE void weigh_pixel(const T* a, const T* b, int32_t units, int32_t* y,
                               int64_t channels) {
  for (int64_t i = 0; i < channels; ++i) y[i] = blend<T, int32_t>(a[i], b[i], units);
}

// Whole vectors, also where a pixel's last one is not full: the next pixel overwrites what is too
// much. Pixels whose surplus would be read past the row go code by code.
template <class T>
void resize_columns(const T* x, int64_t row, const ResizeTapUnits* taps, int32_t* y,
                    int64_t columns, int64_t channels) {
  const int64_t reads = (channels + kLanes - 1) / kLanes * kLanes;
  for (int64_t j = 0; j < columns; ++j, y += channels) {
    const ResizeTapUnits& tap = taps[j];
    const T *a = x + tap.first, *b = x + tap.second;
    if (channels == 1 || std::max(tap.first, tap.second) + reads > row) {
      weigh_pixel(a, b, tap.units, y, channels);
      continue;
    }
    const VI units = splat_int(tap.units);
    for (int64_t i = 0; i < channels; i += kLanes) {
      const VI sums = blend<T>(load_codes(a + i), load_codes(b + i), units);
      *reinterpret_cast<LooseInts*>(y + i) = sums;
    }
  }
}

template <class T>
void resize_sums(const int32_t* first, const int32_t* second, int32_t units, T* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_codes(y + i, code_of_sums(load_ints(first + i), load_ints(second + i), units, T{}));
  }
  for (; i < n; ++i) y[i] = code_of_sums<T>(first[i], second[i], units);
}

template <class T>
void resize_rows(const T* first, const T* second, int32_t units, T* y, int64_t n) {
  const VI weight = splat_int(units);
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const VI sum = blend<T>(load_codes(first + i), load_codes(second + i), weight);
    store_codes(y + i, code_of<T>(sum));
  }
  for (; i < n; ++i) {
    y[i] = static_cast<T>(code_of<T>(blend<T, int32_t>(first[i], second[i], units)));
  }
}

constexpr ResizeCodesOfBoth kBothWidths = {
    {resize_columns<int8_t>, resize_sums<int8_t>, resize_rows<int8_t>},
    {resize_columns<int16_t>, resize_sums<int16_t>, resize_rows<int16_t>}};

}  // namespace
}  // namespace fettle::runtime
