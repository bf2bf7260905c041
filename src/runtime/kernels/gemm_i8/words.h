// SPDX-License-Identifier: Apache-2.0
//
// Products of 16-bit elements, for the files of the instruction sets alone: one vector of weights,
// one step of a row's elements in every lane, and their product added to sums of 32 bits. Sums wrap
// around; what a product itself takes is exact.
#pragma once

#include <cstddef>

#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

struct Words {
  static constexpr int kElementBytes = 2, kWeightElementBytes = 2;
  static constexpr bool kRowPairs = false;
#if defined(__AVX512F__)
  static constexpr int kGroup = 2;
  using Weights = __m512i;
  using Step = __m512i;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) { return _mm512_loadu_si512(p); }
  FETTLE_INLINE static Step splat_step(int32_t two) { return _mm512_set1_epi32(two); }
  FETTLE_INLINE static VI add_product(VI sum, Step x, Weights w) {
#if defined(__AVX512VNNI__)
    return (VI)_mm512_dpwssd_epi32((__m512i)sum, x, w);
#else
    return (VI)_mm512_add_epi32((__m512i)sum, _mm512_madd_epi16(x, w));
#endif
  }
#elif defined(__AVX2__)
  static constexpr int kGroup = 2;
  using Weights = __m256i;
  using Step = __m256i;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  }
  FETTLE_INLINE static Step splat_step(int32_t two) { return _mm256_set1_epi32(two); }
  FETTLE_INLINE static VI add_product(VI sum, Step x, Weights w) {
    return (VI)_mm256_add_epi32((__m256i)sum, _mm256_madd_epi16(x, w));
  }
#else
  static constexpr int kGroup = 1;
  typedef int16_t Weights __attribute__((vector_size(kLanes * 2)));
  using Step = int16_t;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) {
    Weights w;
    std::memcpy(&w, p, sizeof w);
    return w;
  }
  FETTLE_INLINE static VI add_product(VI sum, Step x, Weights w) {
#if defined(__aarch64__)
    return (VI)vmlal_n_s16((int32x4_t)sum, (int16x4_t)w, x);
#else
    return sum + __builtin_convertvector(w, VI) * splat_int(x);
#endif
  }
#endif
#if defined(__aarch64__)
  static constexpr bool kFourSteps = true;
  using FourSteps = int16x4_t;
  FETTLE_INLINE static FourSteps load_four(const std::byte* p) {
    return vld1_s16(reinterpret_cast<const int16_t*>(p));
  }
  template <int kLane, int R, int NV>
  FETTLE_INLINE static void add_lane(VI (&acc)[R][NV], const FourSteps (&x)[R],
                                     const std::byte* panel) {
    const auto* w = reinterpret_cast<const int16_t*>(panel) + kLane * NV * kLanes;
#pragma GCC unroll 16
    for (int j = 0; j < NV; j += 2) {
      const int16x8_t two = vld1q_s16(w + j * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        acc[i][j] = (VI)vmlal_lane_s16((int32x4_t)acc[i][j], vget_low_s16(two), x[i], kLane);
        acc[i][j + 1] = (VI)vmlal_high_lane_s16((int32x4_t)acc[i][j + 1], two, x[i], kLane);
      }
    }
  }
  template <int R, int NV>
  FETTLE_INLINE static void add_four(VI (&acc)[R][NV], const FourSteps (&x)[R],
                                     const std::byte* panel) {
    add_lane<0>(acc, x, panel);
    add_lane<1>(acc, x, panel);
    add_lane<2>(acc, x, panel);
    add_lane<3>(acc, x, panel);
  }
#endif
  template <class T>
  FETTLE_INLINE static void hold_weights(T& w) {
    hold(w);
  }
  FETTLE_INLINE static Step load_step(const std::byte* p) {
#if defined(__AVX2__)
    int32_t two;
    std::memcpy(&two, p, 4);
    return splat_step(two);
#else
    int16_t x;
    std::memcpy(&x, p, 2);
    return x;
#endif
  }
  // The last element of a row where a step takes two.
  FETTLE_INLINE static Step load_last(const std::byte* p, int64_t) {
    uint16_t x;
    std::memcpy(&x, p, 2);
#if defined(__AVX2__)
    return splat_step(x);
#else
    return static_cast<int16_t>(x);
#endif
  }
};

#if defined(__AVX2__)
// Weights of 8 bits, widened when they are loaded: half the memory, which is what few rows wait
// for.
struct NarrowWords : Words {
  static constexpr int kWeightElementBytes = 1;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) {
#if defined(__AVX512F__)
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#else
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#endif
  }
};
#endif

}  // namespace
}  // namespace fettle::runtime
