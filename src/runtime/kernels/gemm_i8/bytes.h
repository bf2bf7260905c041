// SPDX-License-Identifier: Apache-2.0
//
// Products of 8-bit codes as they are, for the files of the instruction sets alone: like Words, by
// whatever the instruction set has for bytes. FETTLE_BYTES is 0 where it has nothing exact; there
// codes are widened and multiplied as Words.
#pragma once

#include "runtime/kernels/gemm_i8/words.h"

#if defined(__AVX512VNNI__) || defined(__aarch64__)
#define FETTLE_BYTES 1
#else
#define FETTLE_BYTES 0
#endif

#if FETTLE_BYTES
namespace fettle::runtime {
namespace {

// Up to 7 bytes in the lowest places of an integer.
FETTLE_INLINE uint64_t few_bytes(const std::byte* p, int64_t count) {
  const auto* u = reinterpret_cast<const uint8_t*>(p);
  uint64_t all = 0;
  for (int64_t i = 0; i < count; ++i) all |= static_cast<uint64_t>(u[i]) << 8 * i;
  return all;
}

struct Bytes {
  static constexpr int kElementBytes = 1, kWeightElementBytes = 1;
#if defined(__AVX512VNNI__)
  static constexpr int kGroup = 4;
  static constexpr bool kRowPairs = false;
  static constexpr int kFlip = 128;  // the instruction takes one factor unsigned
  using Weights = __m512i;
  using Step = __m512i;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) { return _mm512_loadu_si512(p); }
  FETTLE_INLINE static Step splat_step(uint64_t four) {
    return _mm512_set1_epi32(static_cast<int32_t>(static_cast<uint32_t>(four) ^ 0x80808080U));
  }
  FETTLE_INLINE static Step load_step(const std::byte* p) {
    int32_t four;
    std::memcpy(&four, p, 4);
    return _mm512_xor_si512(_mm512_set1_epi32(four), _mm512_set1_epi8(-128));
  }
  FETTLE_INLINE static VI add_product(VI sum, Step x, Weights w) {
    return (VI)_mm512_dpbusd_epi32((__m512i)sum, x, w);
  }
#elif defined(__ARM_FEATURE_MATMUL_INT8)
  // Two rows by two columns a product, of which two make a vector of columns: of a pair of rows the
  // first's sums hold both rows' columns 0 and 1, the second's columns 2 and 3.
  static constexpr int kGroup = 8, kFlip = 0;
  static constexpr bool kRowPairs = true, kFourSteps = false;
  struct Weights {
    int8x16_t columns[2];
  };
  using Step = int8x8_t;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) {
    const auto* w = reinterpret_cast<const int8_t*>(p);
    return {{vld1q_s8(w), vld1q_s8(w + 16)}};
  }
  FETTLE_INLINE static Step splat_step(uint64_t eight) { return vcreate_s8(eight); }
  FETTLE_INLINE static Step load_step(const std::byte* p) {
    return vld1_s8(reinterpret_cast<const int8_t*>(p));
  }
  FETTLE_INLINE static int8x16_t join(Step a, Step b) { return vcombine_s8(a, b); }
  FETTLE_INLINE static void add_product(VI& front, VI& back, int8x16_t x, const Weights& w) {
    front = (VI)vmmlaq_s32((int32x4_t)front, x, w.columns[0]);
    back = (VI)vmmlaq_s32((int32x4_t)back, x, w.columns[1]);
  }
  // Sums of two rows to this order, and from it.
  FETTLE_INLINE static void reorder(VI& first, VI& second) {
    const auto a = (int64x2_t)first, b = (int64x2_t)second;
    first = (VI)vzip1q_s64(a, b);
    second = (VI)vzip2q_s64(a, b);
  }
#elif defined(__ARM_FEATURE_DOTPROD)
  static constexpr int kGroup = 4, kFlip = 0;
  static constexpr bool kRowPairs = false, kFourSteps = true;
  using Weights = int8x16_t;
  using Step = int8x16_t;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) {
    return vld1q_s8(reinterpret_cast<const int8_t*>(p));
  }
  FETTLE_INLINE static Step splat_step(uint64_t four) {
    return vreinterpretq_s8_u32(vdupq_n_u32(static_cast<uint32_t>(four)));
  }
  FETTLE_INLINE static Step load_step(const std::byte* p) {
    uint32_t four;
    std::memcpy(&four, p, 4);
    return splat_step(four);
  }
  FETTLE_INLINE static VI add_product(VI sum, Step x, Weights w) {
    return (VI)vdotq_s32((int32x4_t)sum, w, x);
  }
  using FourSteps = int8x16_t;
  FETTLE_INLINE static FourSteps load_four(const std::byte* p) { return load_weights(p); }
  template <int kLane, int R, int NV>
  FETTLE_INLINE static void add_lane(VI (&acc)[R][NV], const FourSteps (&x)[R],
                                     const std::byte* panel) {
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) {
      const Weights w = load_weights(panel + (kLane * NV + j) * 16);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        acc[i][j] = (VI)vdotq_laneq_s32((int32x4_t)acc[i][j], w, x[i], kLane);
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
#else
  // Two products of a column lie side by side in 16 bits and are added into its sum. Four steps
  // add two such vectors in 16 bits before, which halves the additions, and is exact unless a
  // weight is -128: 2 * 128 * 127 < 2^15.
  static constexpr int kGroup = 2, kFlip = 0;
  static constexpr bool kRowPairs = false, kFourSteps = true;
  using Weights = int8x8_t;
  using Step = int8x8_t;
  FETTLE_INLINE static Weights load_weights(const std::byte* p) {
    return vld1_s8(reinterpret_cast<const int8_t*>(p));
  }
  FETTLE_INLINE static Step splat_step(uint64_t two) {
    return vreinterpret_s8_s16(vdup_n_s16(static_cast<int16_t>(two)));
  }
  FETTLE_INLINE static Step load_step(const std::byte* p) {
    uint16_t two;
    std::memcpy(&two, p, 2);
    return splat_step(two);
  }
  FETTLE_INLINE static VI add_product(VI sum, Step x, Weights w) {
    return (VI)vpadalq_s16((int32x4_t)sum, vmull_s8(w, x));
  }
  using FourSteps = int16x4_t;
  FETTLE_INLINE static FourSteps load_four(const std::byte* p) {
    return vld1_s16(reinterpret_cast<const int16_t*>(p));
  }
  template <int kLane, int R, int NV>
  FETTLE_INLINE static void add_two_lanes(VI (&acc)[R][NV], const FourSteps (&x)[R],
                                          const std::byte* panel) {
    const auto* w = reinterpret_cast<const int8_t*>(panel) + kLane * NV * 8;
    int8x16_t first[NV / 2], second[NV / 2];
#pragma GCC unroll 16
    for (int j = 0; j < NV / 2; ++j) {
      first[j] = vld1q_s8(w + j * 16);
      second[j] = vld1q_s8(w + (NV / 2 + j) * 16);
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
      const int8x16_t a = vreinterpretq_s8_s16(vdupq_lane_s16(x[i], kLane));
      const int8x16_t b = vreinterpretq_s8_s16(vdupq_lane_s16(x[i], kLane + 1));
#pragma GCC unroll 16
      for (int j = 0; j < NV / 2; ++j) {
        const int16x8_t low = vmlal_s8(vmull_s8(vget_low_s8(first[j]), vget_low_s8(a)),
                                       vget_low_s8(second[j]), vget_low_s8(b));
        const int16x8_t high = vmlal_high_s8(vmull_high_s8(first[j], a), second[j], b);
        acc[i][2 * j] = (VI)vpadalq_s16((int32x4_t)acc[i][2 * j], low);
        acc[i][2 * j + 1] = (VI)vpadalq_s16((int32x4_t)acc[i][2 * j + 1], high);
      }
    }
  }
  template <int R, int NV>
  FETTLE_INLINE static void add_four(VI (&acc)[R][NV], const FourSteps (&x)[R],
                                     const std::byte* panel) {
    add_two_lanes<0>(acc, x, panel);
    add_two_lanes<2>(acc, x, panel);
  }
#endif
  // Weights stay in registers over the rows: see hold().
  FETTLE_INLINE static void hold_weights([[maybe_unused]] Weights& w) {
    if constexpr (!kRowPairs) hold(w);
  }
  // The last bytes of a row, fewer than a group, zeros behind them.
  FETTLE_INLINE static Step load_last(const std::byte* p, int64_t count) {
    return splat_step(few_bytes(p, count));
  }
};

}  // namespace
}  // namespace fettle::runtime
#endif
