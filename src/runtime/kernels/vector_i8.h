// SPDX-License-Identifier: Apache-2.0
//
// What the integer micro-kernels share: vectors of 32-bit sums as wide as the flags of the
// including file allow, and how such sums become codes. It is the arithmetic of base/requantize.h,
// lane by lane; every instruction set gives the same bits.
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

// Clamped to [lo, hi] (integers, so that the order of clamping and rounding does not matter),
// rounded half to even, plus the zero point.
FETTLE_INLINE VI round_codes(V scaled, V lo, V hi, VI zero_point) {
#if defined(__AVX512F__)
  const V clamped = min_of(max_of(scaled, lo), hi);
  return (VI)_mm512_maskz_cvtps_epi32(0xffff, (__m512)clamped) + zero_point;
#elif defined(__AVX2__)
  return (VI)_mm256_cvtps_epi32((__m256)min_of(max_of(scaled, lo), hi)) + zero_point;
#elif defined(__aarch64__)
  return (VI)vcvtnq_s32_f32((float32x4_t)min_of(max_of(scaled, lo), hi)) + zero_point;
#else
  scaled = scaled > lo ? scaled : lo;
  scaled = scaled < hi ? scaled : hi;
  const V magic = splat<V>(12582912.0F);  // 1.5 * 2^23: the sum has no fraction
  return __builtin_convertvector((scaled + magic) - magic, VI) + zero_point;
#endif
}

FETTLE_INLINE V floats_of(VI ints) {
#if defined(__AVX512F__)
  return (V)_mm512_maskz_cvtepi32_ps(0xffff, (__m512i)ints);
#elif defined(__AVX2__)
  return (V)_mm256_cvtepi32_ps((__m256i)ints);
#elif defined(__aarch64__)
  return (V)vcvtq_f32_s32((int32x4_t)ints);
#else
  return __builtin_convertvector(ints, V);
#endif
}

// float(sum) * multiplier as a code.
FETTLE_INLINE VI quantize(VI sum, V multiplier, V lo, V hi, VI zero_point) {
  return round_codes(floats_of(sum) * multiplier, lo, hi, zero_point);
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

// The same of 16 bits.
FETTLE_INLINE void store_codes(int16_t* to, VI codes) {
#if defined(__AVX512F__)
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm512_maskz_cvtepi32_epi16(0xffff, (__m512i)codes));
#elif defined(__AVX2__)
  const __m128i low = _mm256_castsi256_si128((__m256i)codes);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm_packs_epi32(low, _mm256_extracti128_si256((__m256i)codes, 1)));
#else
  typedef int16_t Wide __attribute__((vector_size(kLanes * 2)));
  const Wide words = __builtin_convertvector(codes, Wide);
  std::memcpy(to, &words, sizeof words);
#endif
}

// kLanes codes of 16 bits as integers of 32.
FETTLE_INLINE VI load_words(const int16_t* p) {
#if defined(__AVX512F__)
  return (VI)_mm512_maskz_cvtepi16_epi32(0xffff,
                                         _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__AVX2__)
  return (VI)_mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#else
  typedef int16_t Words __attribute__((vector_size(kLanes * 2)));
  Words words;
  std::memcpy(&words, p, sizeof words);
  return __builtin_convertvector(words, VI);
#endif
}

// Sums that 32 bits do not hold, exact up to 2^53.
struct WideSum {
  typedef double Half __attribute__((vector_size(kHalfLanes * 8)));
  typedef int32_t HalfInts __attribute__((vector_size(kHalfLanes * 4)));
  Half low, high;

  FETTLE_INLINE static WideSum load(const double* p) {
    typedef double Loose __attribute__((vector_size(kHalfLanes * 8), aligned(8), may_alias));
    return {*reinterpret_cast<const Loose*>(p), *reinterpret_cast<const Loose*>(p + kHalfLanes)};
  }
  FETTLE_INLINE static WideSum of(VI sum) {
    HalfInts halves[2];
    std::memcpy(halves, &sum, sizeof sum);
    return {__builtin_convertvector(halves[0], Half), __builtin_convertvector(halves[1], Half)};
  }
  // Exact, each of them; the products by powers of two.
  FETTLE_INLINE WideSum operator+(const WideSum& b) const { return {low + b.low, high + b.high}; }
  FETTLE_INLINE WideSum operator*(double factor) const { return {low * factor, high * factor}; }
  // Rounded once.
  FETTLE_INLINE V floats() const {
    const H halves[2] = {__builtin_convertvector(low, H), __builtin_convertvector(high, H)};
    V all;
    std::memcpy(&all, halves, sizeof all);
    return all;
  }
};

}  // namespace
}  // namespace fettle::runtime
