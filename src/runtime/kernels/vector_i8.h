// SPDX-License-Identifier: Apache-2.0
//
// What the 8-bit micro-kernels share: vectors of 32-bit sums as wide as the flags of the including
// file allow, and how such sums become codes. It is the arithmetic of base/requantize.h, lane by
// lane; every instruction set gives the same bits.
//
// Only files named after an instruction set may include this: all of it has internal linkage.
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

typedef int32_t LooseInts __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef int8_t Codes __attribute__((vector_size(kLanes)));

FETTLE_INLINE VI load_ints(const int32_t* p) { return *reinterpret_cast<const LooseInts*>(p); }
FETTLE_INLINE VI splat_int(int32_t x) { return x - VI{}; }

// float(sum) * multiplier, clamped to [lo, hi] (integers, so that the order of clamping and
// rounding does not matter), rounded half to even, plus the zero point.
FETTLE_INLINE VI quantize(VI sum, V multiplier, V lo, V hi, VI zero_point) {
#if defined(__AVX512F__)
  const __m512 x =
      _mm512_mul_ps(_mm512_maskz_cvtepi32_ps(0xffff, (__m512i)sum), (__m512)multiplier);
  const V clamped = min_of(max_of((V)x, lo), hi);
  return (VI)_mm512_maskz_cvtps_epi32(0xffff, (__m512)clamped) + zero_point;
#elif defined(__AVX2__)
  const __m256 x = _mm256_mul_ps(_mm256_cvtepi32_ps((__m256i)sum), (__m256)multiplier);
  return (VI)_mm256_cvtps_epi32((__m256)min_of(max_of((V)x, lo), hi)) + zero_point;
#elif defined(__aarch64__)
  const float32x4_t x = vmulq_f32(vcvtq_f32_s32((int32x4_t)sum), (float32x4_t)multiplier);
  return (VI)vcvtnq_s32_f32((float32x4_t)min_of(max_of((V)x, lo), hi)) + zero_point;
#else
  V x = __builtin_convertvector(sum, V) * multiplier;
  x = x > lo ? x : lo;
  x = x < hi ? x : hi;
  const V magic = splat<V>(12582912.0F);  // 1.5 * 2^23: the sum has no fraction
  return __builtin_convertvector((x + magic) - magic, VI) + zero_point;
#endif
}

// kLanes codes, which fit 8 bits.
FETTLE_INLINE void store_codes(int8_t* to, VI codes) {
#if defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm512_maskz_cvtepi32_epi8(0xffff, (__m512i)codes));
#elif defined(__AVX2__)
  const __m128i low = _mm256_castsi256_si128((__m256i)codes);
  const __m128i pairs = _mm_packs_epi32(low, _mm256_extracti128_si256((__m256i)codes, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packs_epi16(pairs, pairs));
#else
  const Codes bytes = __builtin_convertvector(codes, Codes);
  std::memcpy(to, &bytes, sizeof bytes);
#endif
}

}  // namespace
}  // namespace fettle::runtime
