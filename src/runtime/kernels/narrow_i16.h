// SPDX-License-Identifier: Apache-2.0
//
// From scaled sums to 16-bit codes, which have no zero point: the same bits as base/requantize.h in
// fewer instructions. As in narrow_i8.h, packing saturates, so a scaled sum that fits 32 bits (as
// quantized_i8.h checks) needs no clamp before it; only an activation clamps the packed codes.
//
// Only files named after an instruction set may include this.
#pragma once

#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

struct NarrowI16 {
#if defined(__AVX512F__)
  __m512i low, high;
  FETTLE_INLINE NarrowI16(float lo, float hi)
      : low(_mm512_set1_epi16(static_cast<int16_t>(lo))),
        high(_mm512_set1_epi16(static_cast<int16_t>(hi))) {}
  FETTLE_INLINE static __m512i round(V scaled) {
    return _mm512_maskz_cvtps_epi32(0xffff, (__m512)scaled);
  }
  // Two vectors' codes; of each 128 bits, four of either in turn.
  FETTLE_INLINE __m512i interleaved(V a, V b) const {
    const __m512i codes = _mm512_packs_epi32(round(a), round(b));
    return _mm512_min_epi16(_mm512_max_epi16(codes, low), high);
  }
  template <int N>
  FETTLE_INLINE void store(int16_t* to, const V (&scaled)[N]) const {
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
#pragma GCC unroll 4
    for (int j = 0; j + 1 < N; j += 2) {
      const __m512i codes = interleaved(scaled[j], scaled[j + 1]);
      _mm512_storeu_si512(to + j * kLanes, _mm512_maskz_permutexvar_epi64(0xff, order, codes));
    }
    if constexpr (N % 2 == 1) {
      const __m256i codes = _mm512_maskz_cvtsepi32_epi16(0xffff, round(scaled[N - 1]));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + (N - 1) * kLanes),
                          _mm256_min_epi16(_mm256_max_epi16(codes, _mm512_castsi512_si256(low)),
                                           _mm512_castsi512_si256(high)));
    }
  }
#elif defined(__AVX2__)
  __m256i low, high;
  FETTLE_INLINE NarrowI16(float lo, float hi)
      : low(_mm256_set1_epi16(static_cast<int16_t>(lo))),
        high(_mm256_set1_epi16(static_cast<int16_t>(hi))) {}
  FETTLE_INLINE __m256i interleaved(V a, V b) const {
    const __m256i codes =
        _mm256_packs_epi32(_mm256_cvtps_epi32((__m256)a), _mm256_cvtps_epi32((__m256)b));
    return _mm256_min_epi16(_mm256_max_epi16(codes, low), high);
  }
  template <int N>
  FETTLE_INLINE void store(int16_t* to, const V (&scaled)[N]) const {
#pragma GCC unroll 4
    for (int j = 0; j < N; j += 2) {
      const __m256i codes =
          _mm256_permute4x64_epi64(interleaved(scaled[j], scaled[j + 1 < N ? j + 1 : j]), 0xd8);
      if (j + 1 < N) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + j * kLanes), codes);
      } else {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + j * kLanes),
                         _mm256_castsi256_si128(codes));
      }
    }
  }
#elif defined(__aarch64__)
  int16x4_t low, high;
  FETTLE_INLINE NarrowI16(float lo, float hi)
      : low(vdup_n_s16(static_cast<int16_t>(lo))), high(vdup_n_s16(static_cast<int16_t>(hi))) {}
  template <int N>
  FETTLE_INLINE void store(int16_t* to, const V (&scaled)[N]) const {
#pragma GCC unroll 4
    for (int j = 0; j < N; ++j) {
      const int16x4_t codes = vqmovn_s32(vcvtnq_s32_f32((float32x4_t)scaled[j]));
      vst1_s16(to + j * kLanes, vmin_s16(vmax_s16(codes, low), high));
    }
  }
#else
  V lo, hi;
  FETTLE_INLINE NarrowI16(float lo, float hi) : lo(splat<V>(lo)), hi(splat<V>(hi)) {}
  template <int N>
  FETTLE_INLINE void store(int16_t* to, const V (&scaled)[N]) const {
#pragma GCC unroll 4
    for (int j = 0; j < N; ++j) store_codes(to + j * kLanes, round_codes(scaled[j], lo, hi, VI{}));
  }
#endif
};

}  // namespace
}  // namespace fettle::runtime
