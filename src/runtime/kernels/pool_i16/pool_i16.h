// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of pools and reductions of 16-bit codes: one window over a channels-last image,
// vectors across channels. Sums are exact in 32 bits.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// Of so many taps 32 bits hold the sum.
inline constexpr int64_t kMostPoolI16Taps = 1 << 15;

// code(kh, kw, c) = in[kh * row_step + kw * tap_step + c], for kh < taps_h, kw < taps_w,
// c < channels.
struct PoolI16Window {
  const int16_t* in = nullptr;
  int64_t taps_h = 0, taps_w = 0;      // either may be 0: no code
  int64_t row_step = 0, tap_step = 0;  // codes
  int64_t channels = 0;
};

struct PoolI16 {
  // out[c] = the largest code; -32768 of none.
  void (*largest)(const PoolI16Window& window, int16_t* out);
  // sums[c] = the sum of the codes; 0 of none.
  void (*sum)(const PoolI16Window& window, int32_t* sums);
  // y[i] = round(x[i] * multiplier) between lo and hi; before that it fits 32 bits.
  void (*scale)(const int32_t* x, float multiplier, float lo, float hi, int16_t* y, int64_t n);
};

// The best that runs on `isa`.
const PoolI16& pool_i16(Isa isa);

}  // namespace fettle::runtime
