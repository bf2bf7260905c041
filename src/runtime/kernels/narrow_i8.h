// SPDX-License-Identifier: Apache-2.0
//
// From exact 32-bit sums to 8-bit codes, many at a time: the same bits as base/requantize.h, in
// fewer instructions. Where packing saturates, a scaled sum needs no clamp of its own: it is
// converted (rounding half to even), packed to 16 bits, gets its zero point, is packed to 8 bits,
// and only there meets the bounds of the activation. It takes scaled sums within 32 bits, which
// quantized_i8.h checks.
//
// Only files named after an instruction set may include this.
#pragma once

#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

FETTLE_INLINE VI scale_sum(VI sum, V multiplier) {
  const V scaled = floats_of(sum) * multiplier;
#if defined(__AVX512F__)
  return (VI)_mm512_maskz_cvtps_epi32(0xffff, (__m512)scaled);
#elif defined(__AVX2__)
  return (VI)_mm256_cvtps_epi32((__m256)scaled);
#elif defined(__aarch64__)
  return (VI)vcvtnq_s32_f32((float32x4_t)scaled);
#else
  return __builtin_convertvector(scaled, VI);  // not used
#endif
}

#if defined(__AVX512F__)
struct NarrowI8 {
  __m512i zero, low, high;
  FETTLE_INLINE NarrowI8(float lo, float hi, int32_t zero_point)
      : zero(_mm512_set1_epi16(static_cast<int16_t>(zero_point))),
        low(_mm512_set1_epi8(static_cast<int8_t>(static_cast<int32_t>(lo) + zero_point))),
        high(_mm512_set1_epi8(static_cast<int8_t>(static_cast<int32_t>(hi) + zero_point))) {}
  FETTLE_INLINE __m512i words(VI a, VI b) const {
    return _mm512_adds_epi16(_mm512_packs_epi32((__m512i)a, (__m512i)b), zero);
  }
  FETTLE_INLINE __m512i clamp(__m512i codes) const {
    return _mm512_min_epi8(_mm512_max_epi8(codes, low), high);
  }
  // 64 codes; of each 128 bits, four of every vector in turn.
  FETTLE_INLINE __m512i interleaved(const VI (&sums)[4], const V (&m)[4]) const {
    const __m512i front = words(scale_sum(sums[0], m[0]), scale_sum(sums[1], m[1]));
    const __m512i back = words(scale_sum(sums[2], m[2]), scale_sum(sums[3], m[3]));
    return clamp(_mm512_packs_epi16(front, back));
  }
  // N vectors' codes in order.
  template <int N>
  FETTLE_INLINE void store(int8_t* to, const VI (&sums)[N], const V (&m)[N]) const {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const VI s[4] = {sums[0], sums[N > 1 ? 1 : 0], sums[N > 2 ? 2 : 0], sums[N > 3 ? 3 : 0]};
    const V f[4] = {m[0], m[N > 1 ? 1 : 0], m[N > 2 ? 2 : 0], m[N > 3 ? 3 : 0]};
    const __m512i codes = _mm512_maskz_permutexvar_epi32(0xffff, order, interleaved(s, f));
    // No masked store: on Zen 4 it takes longer than two plain ones.
    if constexpr (N == 4) {
      _mm512_storeu_si512(to, codes);
      return;
    }
    if constexpr (N >= 2) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(codes));
    }
    if constexpr (N % 2 == 1) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + (N - 1) * 16),
                       _mm512_maskz_extracti32x4_epi32(0xf, codes, N - 1));
    }
  }
};
#elif defined(__aarch64__)
struct NarrowI8 {
  int16x8_t zero;
  int8x8_t low, high;
  FETTLE_INLINE NarrowI8(float lo, float hi, int32_t zero_point)
      : zero(vdupq_n_s16(static_cast<int16_t>(zero_point))),
        low(vdup_n_s8(static_cast<int8_t>(static_cast<int32_t>(lo) + zero_point))),
        high(vdup_n_s8(static_cast<int8_t>(static_cast<int32_t>(hi) + zero_point))) {}
  FETTLE_INLINE int8x8_t pair(VI a, VI b) const {
    const int16x8_t words = vcombine_s16(vqmovn_s32((int32x4_t)a), vqmovn_s32((int32x4_t)b));
    return vmin_s8(vmax_s8(vqmovn_s16(vqaddq_s16(words, zero)), low), high);
  }
  template <int N>
  FETTLE_INLINE void store(int8_t* to, const VI (&sums)[N], const V (&m)[N]) const {
    static_assert(N % 2 == 0);
#pragma GCC unroll 4
    for (int j = 0; j < N; j += 2) {
      vst1_s8(to + j * kLanes, pair(scale_sum(sums[j], m[j]), scale_sum(sums[j + 1], m[j + 1])));
    }
  }
};
#else
struct NarrowI8 {
  V lo, hi;
  VI zero;
  FETTLE_INLINE NarrowI8(float lo, float hi, int32_t zero_point)
      : lo(splat<V>(lo)), hi(splat<V>(hi)), zero(splat_int(zero_point)) {}
  template <int N>
  FETTLE_INLINE void store(int8_t* to, const VI (&sums)[N], const V (&m)[N]) const {
#pragma GCC unroll 4
    for (int j = 0; j < N; ++j) {
      store_codes(to + j * kLanes, quantize(sums[j], m[j], lo, hi, zero));
    }
  }
};
#endif

}  // namespace
}  // namespace fettle::runtime
