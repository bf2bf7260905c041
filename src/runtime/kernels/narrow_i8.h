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
  // 64 codes, every vector's in turn.
  FETTLE_INLINE __m512i in_order(const VI (&sums)[4], const V (&m)[4]) const {
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_maskz_permutexvar_epi32(0xffff, order, interleaved(sums, m));
  }
  // Few vectors are narrowed together with those of the next rows.
  template <int R, int kRows, int N>
  FETTLE_INLINE void store_rows(int8_t* to, int64_t stride, const VI (&sums)[kRows][N],
                                const V (&m)[N]) const {
    constexpr int kTogether = N > 2 ? 1 : 4 / N;
#pragma GCC unroll 16
    for (int i = 0; i < R; i += kTogether) {
      VI s[4];
      V f[4];
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        const int row = i + k / N, last = kTogether == 1 ? i : R - 1;
        s[k] = sums[row < last ? row : last][N == 3 && k == 3 ? 2 : k % N];
        f[k] = m[N == 3 && k == 3 ? 2 : k % N];
      }
      const __m512i codes = in_order(s, f);
#pragma GCC unroll 4
      for (int k = 0; k < kTogether; ++k) {
        if (i + k < R) store_row<N>(to + (i + k) * stride, codes, k);
      }
    }
  }
  // The k-th N * 16 codes of 64. No masked store: on Zen 4 it takes longer than two plain ones.
  template <int N>
  FETTLE_INLINE static void store_row(int8_t* to, __m512i codes, int k) {
    if (k == 0) {
      std::memcpy(to, &codes, N == 3 ? 32 : N * 16);
    } else if constexpr (N == 1) {
      const __m128i part = k == 1   ? _mm512_maskz_extracti32x4_epi32(0xf, codes, 1)
                           : k == 2 ? _mm512_maskz_extracti32x4_epi32(0xf, codes, 2)
                                    : _mm512_maskz_extracti32x4_epi32(0xf, codes, 3);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), part);
    } else {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                          _mm512_maskz_extracti64x4_epi64(0xf, codes, 1));
    }
    if constexpr (N == 3) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 32),
                       _mm512_maskz_extracti32x4_epi32(0xf, codes, 2));
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

// The codes of the first R rows of N vectors, `stride` codes between rows.
template <int R, int kRows, int N>
FETTLE_INLINE void store_rows(const NarrowI8& narrow, int8_t* to, int64_t stride,
                              const VI (&sums)[kRows][N], const V (&m)[N]) {
#if defined(__AVX512F__)
  narrow.store_rows<R>(to, stride, sums, m);
#else
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) narrow.store(to + i * stride, sums[i], m);
#endif
}

}  // namespace
}  // namespace fettle::runtime
