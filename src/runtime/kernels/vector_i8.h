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

// kLanes codes as integers of 32 bits.
FETTLE_INLINE VI load_codes(const int8_t* p) {
#if defined(__AVX512F__)
  const __m128i codes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return (VI)_mm512_maskz_cvtepi8_epi32(0xffff, codes);
#elif defined(__AVX2__)
  return (VI)_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
  Codes codes;
  std::memcpy(&codes, p, sizeof codes);
  return __builtin_convertvector(codes, VI);
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
  // To the nearest integers, halves up, of what is within 2^20 either way.
  FETTLE_INLINE VI halves_up() const {
    constexpr int32_t kAbove = 1 << 20;  // above 0 what is cut off is what is too much
    const HalfInts halves[2] = {__builtin_convertvector(low + (kAbove + 0.5), HalfInts),
                                __builtin_convertvector(high + (kAbove + 0.5), HalfInts)};
    VI all;
    std::memcpy(&all, halves, sizeof all);
    return all - kAbove;
  }
};

// A quad is four vectors of what belongs to neighbouring codes: as many codes as a register of
// bytes holds.
constexpr int kQuadCodes = 4 * kLanes;

FETTLE_INLINE void load_quad(const int8_t* p, VI (&x)[4]) {
#pragma GCC unroll 4
  for (int q = 0; q < 4; ++q) x[q] = load_codes(p + q * kLanes);
}

// What a quad of integers becomes.
struct QuadRange {
  int32_t zero_point;
  int8_t low, high;
};

// Each plus the zero point, clamped.
FETTLE_INLINE void store_quad(int8_t* to, const VI (&x)[4], const QuadRange& range) {
#if defined(__AVX512F__)
  const __m512i zero = _mm512_set1_epi16(static_cast<int16_t>(range.zero_point));
  const __m512i low = _mm512_packs_epi32((__m512i)x[0], (__m512i)x[1]);
  const __m512i high = _mm512_packs_epi32((__m512i)x[2], (__m512i)x[3]);
  __m512i codes = _mm512_packs_epi16(_mm512_adds_epi16(low, zero), _mm512_adds_epi16(high, zero));
  // Packing works within 128 bits: fours of codes are transposed.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  codes = _mm512_maskz_permutexvar_epi32(0xffff, order, codes);
  codes = _mm512_max_epi8(codes, _mm512_set1_epi8(range.low));
  _mm512_storeu_si512(to, _mm512_min_epi8(codes, _mm512_set1_epi8(range.high)));
#elif defined(__AVX2__)
  const __m256i zero = _mm256_set1_epi16(static_cast<int16_t>(range.zero_point));
  const __m256i low = _mm256_packs_epi32((__m256i)x[0], (__m256i)x[1]);
  const __m256i high = _mm256_packs_epi32((__m256i)x[2], (__m256i)x[3]);
  __m256i codes = _mm256_packs_epi16(_mm256_adds_epi16(low, zero), _mm256_adds_epi16(high, zero));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  codes = _mm256_permutevar8x32_epi32(codes, order);
  codes = _mm256_max_epi8(codes, _mm256_set1_epi8(range.low));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm256_min_epi8(codes, _mm256_set1_epi8(range.high)));
#elif defined(__aarch64__)
  const int16x8_t zero = vdupq_n_s16(static_cast<int16_t>(range.zero_point));
  const auto pack = [&](VI a, VI b) {
    const int16x8_t both = vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b);
    return vqaddq_s16(both, zero);
  };
  int8x16_t codes = vqmovn_high_s16(vqmovn_s16(pack(x[0], x[1])), pack(x[2], x[3]));
  codes = vmaxq_s8(codes, vdupq_n_s8(range.low));
  vst1q_s8(to, vminq_s8(codes, vdupq_n_s8(range.high)));
#else
  const VI low = splat_int(range.low - range.zero_point);
  const VI high = splat_int(range.high - range.zero_point);
  for (int q = 0; q < 4; ++q) {
    VI codes = x[q] > low ? x[q] : low;
    codes = codes < high ? codes : high;
    store_codes(to + q * kLanes, codes + range.zero_point);
  }
#endif
}

// To the nearest integer, halves to even, of what is at most 2^30 either way.
FETTLE_INLINE VI round_ints(V x) {
#if defined(__AVX512F__)
  return (VI)_mm512_maskz_cvtps_epi32(0xffff, (__m512)x);
#elif defined(__AVX2__)
  return (VI)_mm256_cvtps_epi32((__m256)x);
#elif defined(__aarch64__)
  return (VI)vcvtnq_s32_f32((float32x4_t)x);
#else
  const V most = splat<V>(4194304.0F);  // beyond it rounding by addition does not work
  return __builtin_convertvector(round_of(min_of(max_of(x, -most), most)), VI);
#endif
}

}  // namespace
}  // namespace fettle::runtime
