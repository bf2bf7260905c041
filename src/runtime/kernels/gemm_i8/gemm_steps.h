// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of the integer products, for the files of the instruction sets alone: a tile's
// rows times the vectors of a panel, along the elements of one tap. P multiplies (Words, Bytes).
#pragma once

#include "runtime/kernels/gemm_i8/words.h"

namespace fettle::runtime {
namespace {

template <class P>
constexpr int kStepBytes = P::kGroup* P::kElementBytes;
template <class P>
constexpr int kWeightBytes = kLanes* kStepBytes<P>;

template <class P, int R, int NV>
FETTLE_INLINE void add_step(VI (&acc)[R][NV], const std::byte* const (&a)[R], int64_t at,
                            const std::byte* panel) {
  typename P::Weights w[NV];
#pragma GCC unroll 16
  for (int j = 0; j < NV; ++j) {
    w[j] = P::load_weights(panel + j * kWeightBytes<P>);
    hold(w[j]);
  }
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    const auto x = P::load_step(a[i] + at);
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) acc[i][j] = P::add_product(acc[i][j], x, w[j]);
  }
}

#if defined(__aarch64__)
// Four steps of words with the row values loaded as vectors and multiplied by lane.
template <int R, int NV>
FETTLE_INLINE void add_four_steps(VI (&acc)[R][NV], const std::byte* const (&a)[R], int64_t at,
                                  const std::byte* panel) {
  constexpr int kBytes = kWeightBytes<Words>;
  int16x4_t x[R];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) x[i] = vld1_s16(reinterpret_cast<const int16_t*>(a[i] + at));
#define FETTLE_LANE(lane)                                                                \
  _Pragma("GCC unroll 16") for (int j = 0; j < NV; j += 2) {                             \
    const int16x8_t w =                                                                  \
        vld1q_s16(reinterpret_cast<const int16_t*>(panel + (lane * NV + j) * kBytes));   \
    _Pragma("GCC unroll 16") for (int i = 0; i < R; ++i) {                               \
      acc[i][j] = (VI)vmlal_lane_s16((int32x4_t)acc[i][j], vget_low_s16(w), x[i], lane); \
      acc[i][j + 1] = (VI)vmlal_high_lane_s16((int32x4_t)acc[i][j + 1], w, x[i], lane);  \
    }                                                                                    \
  }
  FETTLE_LANE(0)
  FETTLE_LANE(1)
  FETTLE_LANE(2)
  FETTLE_LANE(3)
#undef FETTLE_LANE
}
#endif

// `count` elements of each row; returns the panel behind them. What is left of a row where a step
// takes several elements is loaded alone, zeros behind it.
template <class P, int R, int NV>
FETTLE_INLINE const std::byte* add_elements(VI (&acc)[R][NV], const std::byte* const (&a)[R],
                                            int64_t count, const std::byte* panel) {
  const int64_t bytes = count / P::kGroup * kStepBytes<P>;
  int64_t at = 0;
#if defined(__aarch64__)
  if constexpr (P::kElementBytes == 2) {
    constexpr int kFour = 4 * kStepBytes<P>;
    for (; at + kFour <= bytes; at += kFour, panel += 4 * NV * kWeightBytes<P>) {
      add_four_steps<R, NV>(acc, a, at, panel);
    }
  }
#endif
#pragma GCC unroll 1
  for (; at < bytes; at += kStepBytes<P>, panel += NV * kWeightBytes<P>) {
    add_step<P, R, NV>(acc, a, at, panel);
  }
  if constexpr (P::kGroup > 1) {
    if (count % P::kGroup != 0) {
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) {
        const auto x = P::load_last(a[i] + at, count % P::kGroup);
#pragma GCC unroll 16
        for (int j = 0; j < NV; ++j) {
          acc[i][j] = P::add_product(acc[i][j], x, P::load_weights(panel + j * kWeightBytes<P>));
        }
      }
      panel += NV * kWeightBytes<P>;
    }
  }
  return panel;
}

}  // namespace
}  // namespace fettle::runtime
