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

// A product that no addition may be fused with.
FETTLE_INLINE V product(VI code, float scale) {
  V x = __builtin_convertvector(code, V) * splat<V>(scale);
#if defined(__AVX512F__) || defined(__AVX2__) || defined(__aarch64__)
  hold(x);
#else
  asm("" : "+m"(x));
#endif
  return x;
}

FETTLE_INLINE void sum_at(const SumI8& s, const int8_t* a, const int8_t* b, int8_t* to) {
  V x = product(load_codes(a, s.flip_a) - s.zero_a, s.scale_a);
  if (b != nullptr) x += product(load_codes(b, 0) - s.zero_b, s.scale_b);
  x = min_of(max_of(x, splat<V>(s.lo)), splat<V>(s.hi));
#if defined(__AVX512F__)
  VI codes = (VI)_mm512_maskz_cvtps_epi32(0xffff, (__m512)x);
#elif defined(__AVX2__)
  VI codes = (VI)_mm256_cvtps_epi32((__m256)x);
#elif defined(__aarch64__)
  VI codes = (VI)vcvtnq_s32_f32((float32x4_t)x);
#else
  const V magic = splat<V>(12582912.0F);
  VI codes = __builtin_convertvector((x + magic) - magic, VI);
#endif
  store_codes(to, codes + s.zero_point);
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
