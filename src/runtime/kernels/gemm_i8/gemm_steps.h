// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of the integer products, for the files of the instruction sets alone: a tile's
// rows times the vectors of a panel, along the elements of one tap. P multiplies (Words, Bytes).
#pragma once

#include "runtime/kernels/ahead.h"
#include "runtime/kernels/gemm_i8/words.h"

namespace fettle::runtime {
namespace {

template <class P>
constexpr int kStepBytes = P::kGroup* P::kElementBytes;
template <class P>
constexpr int kWeightBytes = kLanes* P::kGroup* P::kWeightElementBytes;

// One step of every row, of which step_of(i) loads row i's.
template <class P, int R, int NV, class F>
FETTLE_INLINE void add_step(VI (&acc)[R][NV], F&& step_of, const std::byte* panel) {
  typename P::Weights w[NV];
#pragma GCC unroll 16
  for (int j = 0; j < NV; ++j) {
    w[j] = P::load_weights(panel + j * kWeightBytes<P>);
    P::hold_weights(w[j]);
  }
  constexpr int kRows = P::kRowPairs ? 2 : 1;
#pragma GCC unroll 16
  for (int i = 0; i < R; i += kRows) {
    if constexpr (P::kRowPairs) {
      const auto x = P::join(step_of(i), step_of(i + 1));
#pragma GCC unroll 16
      for (int j = 0; j < NV; ++j) P::add_product(acc[i][j], acc[i + 1][j], x, w[j]);
    } else {
      const auto x = step_of(i);
#pragma GCC unroll 16
      for (int j = 0; j < NV; ++j) acc[i][j] = P::add_product(acc[i][j], x, w[j]);
    }
  }
}

#if defined(__aarch64__)
// Four steps with the row values loaded as vectors and multiplied by lane.
template <class P, int R, int NV>
FETTLE_INLINE void add_four_steps(VI (&acc)[R][NV], const std::byte* const (&a)[R], int64_t at,
                                  const std::byte* panel) {
  typename P::FourSteps x[R];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    x[i] = P::load_four(a[i] + at);
    hold(x[i]);  // or lanes are loaded one by one
  }
  P::add_four(acc, x, panel);
}
#endif

// Whole steps of each row up to `end`.
template <class P, bool kAsksAhead, int R, int NV>
FETTLE_INLINE void add_steps(VI (&acc)[R][NV], const std::byte* const (&a)[R], int64_t& at,
                             int64_t end, const std::byte*& panel,
                             [[maybe_unused]] const std::byte*& ahead) {
  const auto step_of = [&](int i) __attribute__((always_inline)) {
    return P::load_step(a[i] + at);
  };
#pragma GCC unroll 1
  for (; at < end; at += kStepBytes<P>, panel += NV * kWeightBytes<P>) {
    if constexpr (kAsksAhead) {
      __builtin_prefetch(ahead, 0, 2);
      ahead += 64;
    }
    add_step<P>(acc, step_of, panel);
  }
}

// `count` elements of each row; returns the panel behind them. What is left of a row where a step
// takes several elements is loaded alone, zeros behind it. `ahead` moves on.
// by_four: whether four steps may be taken at once, where P can.
template <class P, int R, int NV>
FETTLE_INLINE const std::byte* add_elements(VI (&acc)[R][NV], const std::byte* const (&a)[R],
                                            int64_t count, const std::byte* panel,
                                            [[maybe_unused]] Ahead& ahead,
                                            [[maybe_unused]] bool by_four = true) {
  const int64_t bytes = count / P::kGroup * kStepBytes<P>;
  int64_t at = 0;
#if defined(__aarch64__)
  if constexpr (P::kFourSteps) {
    constexpr int kFour = 4 * kStepBytes<P>;
    for (; by_four && at + kFour <= bytes; at += kFour, panel += 4 * NV * kWeightBytes<P>) {
      add_four_steps<P>(acc, a, at, panel);
    }
  }
#endif
#if defined(__x86_64__)
  if constexpr (NV > (kLanes > 8 ? 2 : 1)) {  // narrow panels are the only ones, or few
    // No std::min: it keeps GCC 12 from holding the weights in registers.
    const int64_t most = ahead.lines * kStepBytes<P>, asking = bytes < most ? bytes : most;
    ahead.lines -= asking / kStepBytes<P>;
    add_steps<P, true>(acc, a, at, asking, panel, ahead.at);
  }
#endif
  add_steps<P, false>(acc, a, at, bytes, panel, ahead.at);
  if constexpr (P::kGroup > 1) {
    if (__builtin_expect(count % P::kGroup != 0, 0)) {
      const auto step_of = [&](int i) __attribute__((always_inline)) {
        return P::load_last(a[i] + at, count % P::kGroup);
      };
      add_step<P>(acc, step_of, panel);
      panel += NV * kWeightBytes<P>;
    }
  }
  return panel;
}

}  // namespace
}  // namespace fettle::runtime
