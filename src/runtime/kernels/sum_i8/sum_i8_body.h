// SPDX-License-Identifier: Apache-2.0
//
// The body of sum_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/sum_i8/sum_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// kLanes codes as sums of 32 bits.
FETTLE_INLINE VI load_codes(const int8_t* p, uint8_t flip) {
  Codes codes;
  std::memcpy(&codes, p, sizeof codes);
  codes ^= static_cast<int8_t>(flip);
#if defined(__AVX512F__)
  return (VI)_mm512_maskz_cvtepi8_epi32(0xffff, (__m128i)codes);
#elif defined(__AVX2__)
  int64_t eight;
  std::memcpy(&eight, &codes, sizeof eight);
  return (VI)_mm256_cvtepi8_epi32(_mm_cvtsi64_si128(eight));
#else
  return __builtin_convertvector(codes, VI);
#endif
}

// In wrapping arithmetic, whose end fits.
FETTLE_INLINE VI sum_of(const SumI8& s, VI a, VI b) {
  const int32_t rounding = int32_t{1} << (s.sum.shift - 1);
  const int32_t start = rounding - s.zero_a * s.sum.m_a - s.zero_b * s.sum.m_b;
  VI x = a * splat_int(s.sum.m_a) + b * splat_int(s.sum.m_b) + splat_int(start);
  x >>= s.sum.shift;
  x = x > splat_int(s.lo) ? x : splat_int(s.lo);
  x = x < splat_int(s.hi) ? x : splat_int(s.hi);
  return x + splat_int(s.zero_point);
}

FETTLE_INLINE void sum_at(const SumI8& s, const int8_t* a, const int8_t* b, int8_t* to) {
  if (b != nullptr) {
    store_codes(to, sum_of(s, load_codes(a, 0), load_codes(b, 0)));
    return;
  }
  const VI code = load_codes(a, s.flip_a) - splat_int(s.zero_a);
  const V lo = splat<V>(static_cast<float>(s.lo)), hi = splat<V>(static_cast<float>(s.hi));
  store_codes(to, quantize(code, splat<V>(s.scale), lo, hi, splat_int(s.zero_point)));
  if (s.flip_to != 0) {
    Codes bytes;
    std::memcpy(&bytes, to, sizeof bytes);
    bytes ^= static_cast<int8_t>(s.flip_to);
    std::memcpy(to, &bytes, sizeof bytes);
  }
}

void sum_codes(const SumI8& sum) {
  const SumI8 s = sum;  // where no store can reach it
  int64_t i = 0;
  for (; i + kLanes <= s.count; i += kLanes) {
    sum_at(s, s.a + i, s.b == nullptr ? nullptr : s.b + i, s.to + i);
  }
  if (i == s.count) return;
  int8_t a[kLanes] = {}, b[kLanes] = {}, to[kLanes];
  const auto rest = static_cast<size_t>(s.count - i);
  for (size_t k = 0; k < rest; ++k) a[k] = s.a[i + static_cast<int64_t>(k)];
  for (size_t k = 0; k < rest && s.b != nullptr; ++k) b[k] = s.b[i + static_cast<int64_t>(k)];
  sum_at(s, a, s.b == nullptr ? nullptr : b, to);
  for (size_t k = 0; k < rest; ++k) s.to[i + static_cast<int64_t>(k)] = to[k];
}

}  // namespace
}  // namespace fettle::runtime
