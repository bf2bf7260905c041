// SPDX-License-Identifier: Apache-2.0
//
// The body of softmax_codes, for the files of the instruction sets alone.
#pragma once

#include <limits>

#include "runtime/kernels/softmax_codes/softmax_codes.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// Exponentials that are looked up before they become codes; their sum fits 32 bits.
constexpr int64_t kChunk = 256;

template <class T, int kBytes>
struct Block {
  typedef T Type __attribute__((vector_size(kBytes)));
};

template <class T, int kBytes>
FETTLE_INLINE int32_t largest_in(typename Block<T, kBytes>::Type codes) {
  if constexpr (kBytes == 2 * sizeof(T)) {
    return codes[0] > codes[1] ? codes[0] : codes[1];
  } else {
    typename Block<T, kBytes / 2>::Type halves[2];
    std::memcpy(halves, &codes, sizeof codes);
    return largest_in<T, kBytes / 2>(halves[0] > halves[1] ? halves[0] : halves[1]);
  }
}

template <class T>
FETTLE_INLINE int32_t largest_of(const T* x, int64_t n) {
  constexpr int kBytes = 4 * kLanes, kCodes = kBytes / sizeof(T);
  using Codes = typename Block<T, kBytes>::Type;
  int32_t largest = x[0];
  if (n < kCodes) {
    for (int64_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
    return largest;
  }
  Codes most;
  std::memcpy(&most, x + n - kCodes, sizeof most);  // what the others leave over
  for (int64_t i = 0; i + kCodes <= n; i += kCodes) {
    Codes codes;
    std::memcpy(&codes, x + i, sizeof codes);
    most = codes > most ? codes : most;
  }
  return largest_in<T, kBytes>(most);
}

// The exponential of each code of a row.
template <class T>
struct RowExponentials;
template <>
struct RowExponentials<int8_t> {
  const int32_t* by_code;
  FETTLE_INLINE RowExponentials(const int32_t* exponentials, int32_t largest)
      : by_code(exponentials + kExponentialCodes - 1 - largest) {}
  FETTLE_INLINE int32_t operator()(int8_t x) const { return by_code[x]; }
};
template <>
struct RowExponentials<int16_t> {
  const int32_t *fine, *coarse;
  int32_t largest;
  FETTLE_INLINE RowExponentials(const int32_t* exponentials, int32_t largest_code)
      : fine(exponentials), coarse(exponentials + kExponentialCodes), largest(largest_code) {}
  FETTLE_INLINE int32_t operator()(int16_t x) const {
    const auto below = static_cast<uint32_t>(largest - x);
    return wide_exponential(coarse[below / kExponentialCodes], fine[below % kExponentialCodes]);
  }
};

// to[i] = e(x[i]) for i < n; their sum.
template <class T>
FETTLE_INLINE uint32_t look_up(const RowExponentials<T>& e, const T* x, int64_t n, int32_t* to) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    to[i] = e(x[i]);
    sum += static_cast<uint32_t>(to[i]);
  }
  return sum;
}

template <class T>
void softmax_rows(const SoftmaxRows<T>& given) {
  using Range = std::numeric_limits<T>;
  const SoftmaxRows<T> r = given;  // where no store can reach it
  const VI zero_point = splat_int(r.zero_point);
  const V lo = splat<V>(static_cast<float>(Range::min() - r.zero_point));
  const V hi = splat<V>(static_cast<float>(Range::max() - r.zero_point));
  const int64_t chunk = r.length < kChunk ? r.length : kChunk;
  int32_t e[kChunk + kLanes] = {};
  const T* x = r.x;
  T* y = r.y;
  for (int64_t row = 0; row < r.rows; ++row, x += r.length, y += r.length) {
    const RowExponentials<T> exponentials(r.exponentials, largest_of(x, r.length));
    int64_t sum = 0;
    for (int64_t i = 0; i < r.length; i += chunk) {
      sum += look_up(exponentials, x + i, r.length - i < chunk ? r.length - i : chunk, e);
    }
    const V multiplier =
        splat<V>(static_cast<float>(1 / (static_cast<double>(sum) * static_cast<double>(r.scale))));
    for (int64_t i = 0; i < r.length; i += chunk) {
      const int64_t n = r.length - i < chunk ? r.length - i : chunk;
      if (r.length > chunk) look_up(exponentials, x + i, n, e);
      int64_t k = 0;
      for (; k < n; k += kLanes) {
        const VI codes = quantize(load_ints(e + k), multiplier, lo, hi, zero_point);
        if (k + kLanes <= n) {
          store_codes(y + i + k, codes);
        } else {
          for (int64_t j = k; j < n; ++j) y[i + j] = static_cast<T>(codes[j - k]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
