// SPDX-License-Identifier: Apache-2.0
//
// The body of softmax_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/softmax_i8/softmax_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// Exponentials that are looked up before they become codes; their sum fits 32 bits.
constexpr int64_t kChunk = 256;

template <int kBytes>
struct Bytes {
  typedef int8_t Type __attribute__((vector_size(kBytes)));
};

template <int kBytes>
FETTLE_INLINE int32_t largest_in(typename Bytes<kBytes>::Type codes) {
  if constexpr (kBytes == 4) {
    const int a = codes[0] > codes[1] ? codes[0] : codes[1];
    const int b = codes[2] > codes[3] ? codes[2] : codes[3];
    return a > b ? a : b;
  } else {
    typename Bytes<kBytes / 2>::Type halves[2];
    std::memcpy(halves, &codes, sizeof codes);
    return largest_in<kBytes / 2>(halves[0] > halves[1] ? halves[0] : halves[1]);
  }
}

FETTLE_INLINE int32_t largest_of(const int8_t* x, int64_t n) {
  using Block = Bytes<kQuadCodes>::Type;
  int32_t largest = x[0];
  if (n < kQuadCodes) {
    for (int64_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
    return largest;
  }
  Block most;
  std::memcpy(&most, x + n - kQuadCodes, sizeof most);  // what the others leave over
  for (int64_t i = 0; i + kQuadCodes <= n; i += kQuadCodes) {
    Block codes;
    std::memcpy(&codes, x + i, sizeof codes);
    most = codes > most ? codes : most;
  }
  return largest_in<kQuadCodes>(most);
}

// to[i] = by_code[x[i]] for i < n; their sum.
FETTLE_INLINE uint32_t look_up(const int32_t* by_code, const int8_t* x, int64_t n, int32_t* to) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    to[i] = by_code[x[i]];
    sum += static_cast<uint32_t>(to[i]);
  }
  return sum;
}

void softmax_rows(const SoftmaxI8Rows& given) {
  const SoftmaxI8Rows r = given;  // where no store can reach it
  const VI zero_point = splat_int(r.zero_point);
  const V lo = splat<V>(static_cast<float>(-128 - r.zero_point));
  const V hi = splat<V>(static_cast<float>(127 - r.zero_point));
  const int64_t chunk = r.length < kChunk ? r.length : kChunk;
  int32_t e[kChunk + kLanes] = {};
  const int8_t* x = r.x;
  int8_t* y = r.y;
  for (int64_t row = 0; row < r.rows; ++row, x += r.length, y += r.length) {
    const int32_t* by_code = r.exponentials + kExponentialCodes - 1 - largest_of(x, r.length);
    int64_t sum = 0;
    for (int64_t i = 0; i < r.length; i += chunk) {
      sum += look_up(by_code, x + i, r.length - i < chunk ? r.length - i : chunk, e);
    }
    const V multiplier =
        splat<V>(static_cast<float>(1 / (static_cast<double>(sum) * static_cast<double>(r.scale))));
    for (int64_t i = 0; i < r.length; i += chunk) {
      const int64_t n = r.length - i < chunk ? r.length - i : chunk;
      if (r.length > chunk) look_up(by_code, x + i, n, e);
      int64_t k = 0;
      for (; k < n; k += kLanes) {
        const VI codes = quantize(load_ints(e + k), multiplier, lo, hi, zero_point);
        if (k + kLanes <= n) {
          store_codes(y + i + k, codes);
        } else {
          for (int64_t j = k; j < n; ++j) y[i + j] = static_cast<int8_t>(codes[j - k]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
