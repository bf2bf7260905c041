// SPDX-License-Identifier: Apache-2.0
//
// The body of pool_i16, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/narrow_i16.h"
#include "runtime/kernels/pool_i16/pool_i16.h"

namespace fettle::runtime {
namespace {

typedef int16_t Block __attribute__((vector_size(4 * kLanes)));
constexpr int64_t kBlock = 2 * kLanes;  // codes of a register

template <class T>
FETTLE_INLINE T load_codes(const int16_t* p) {
  T codes;
  std::memcpy(&codes, p, sizeof codes);
  return codes;
}

// Calls add(p) with each tap's codes.
template <class Add>
FETTLE_INLINE void each_tap(const PoolI16Window& w, const int16_t* in, const Add& add) {
  for (int64_t kh = 0; kh < w.taps_h; ++kh, in += w.row_step) {
    const int16_t* p = in;
    for (int64_t kw = 0; kw < w.taps_w; ++kw, p += w.tap_step) add(p);
  }
}

// T: vectors of codes or one.
template <class T, int kCount>
FETTLE_INLINE void largest_of(const PoolI16Window& w, const int16_t* in, int16_t* out) {
  T most[kCount];
#pragma GCC unroll 4
  for (T& m : most) m = T{} + static_cast<int16_t>(INT16_MIN);
  each_tap(
      w, in, [&](const int16_t* p) __attribute__((always_inline)) {
#pragma GCC unroll 4
        for (int i = 0; i < kCount; ++i) {
          const T codes = load_codes<T>(p + i * sizeof(T) / sizeof(int16_t));
          most[i] = codes > most[i] ? codes : most[i];
        }
      });
  std::memcpy(out, most, sizeof most);
}

// The last block is taken again from one earlier on, as `out` is no operand.
void largest_code(const PoolI16Window& window, int16_t* out) {
  const PoolI16Window w = window;  // where no store can reach it
  const int64_t n = w.channels;
  int64_t c = 0;
  if (n < kBlock) {
    for (; c < n; ++c) largest_of<int16_t, 1>(w, w.in + c, out + c);
    return;
  }
  for (; c + 4 * kBlock <= n; c += 4 * kBlock) largest_of<Block, 4>(w, w.in + c, out + c);
  for (; c + kBlock <= n; c += kBlock) largest_of<Block, 1>(w, w.in + c, out + c);
  if (c < n) largest_of<Block, 1>(w, w.in + n - kBlock, out + n - kBlock);
}

template <int kCount>
FETTLE_INLINE void sum_of(const PoolI16Window& w, const int16_t* in, int32_t* to) {
  VI sums[kCount] = {};
  each_tap(
      w, in, [&](const int16_t* p) __attribute__((always_inline)) {
#pragma GCC unroll 8
        for (int i = 0; i < kCount; ++i) sums[i] += load_words(p + i * kLanes);
      });
  std::memcpy(to, sums, sizeof sums);
}

void sum_codes(const PoolI16Window& window, int32_t* sums) {
  const PoolI16Window w = window;
  const int64_t n = w.channels;
  int64_t c = 0;
  if (n < kLanes) {
    for (; c < n; ++c) {
      int32_t sum = 0;
      each_tap(w, w.in + c, [&](const int16_t* p) { sum += *p; });
      sums[c] = sum;
    }
    return;
  }
  for (; c + 8 * kLanes <= n; c += 8 * kLanes) sum_of<8>(w, w.in + c, sums + c);
  for (; c + kLanes <= n; c += kLanes) sum_of<1>(w, w.in + c, sums + c);
  if (c < n) sum_of<1>(w, w.in + n - kLanes, sums + n - kLanes);
}

void scale_sums(const int32_t* x, float multiplier, float lo, float hi, int16_t* y, int64_t n) {
  constexpr int64_t kStep = 2 * kLanes;  // that are packed together
  const NarrowI16 narrow(lo, hi);
  const V by = splat<V>(multiplier);
  const auto scale = [&](const int32_t* from, int16_t* to) {
    const V scaled[] = {floats_of(load_ints(from)) * by, floats_of(load_ints(from + kLanes)) * by};
    narrow.store(to, scaled);
  };
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) scale(x + i, y + i);
  if (i == n) return;
  int32_t from[kStep] = {};
  int16_t to[kStep];
  std::memcpy(from, x + i, static_cast<size_t>(n - i) * sizeof(int32_t));
  scale(from, to);
  std::memcpy(y + i, to, static_cast<size_t>(n - i) * sizeof(int16_t));
}

#define FETTLE_POOL_I16 \
  { largest_code, sum_codes, scale_sums }

}  // namespace
}  // namespace fettle::runtime
