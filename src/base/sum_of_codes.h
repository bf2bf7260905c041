// SPDX-License-Identifier: Apache-2.0
//
// How two 8-bit codes of different ranges add up to a code of a third, in integers alone:
//
//   y = clamp( ((a - zero_a) * m_a + (b - zero_b) * m_b + 2^(shift-1)) >> shift ) + zero_y
//
// m_a and m_b are the ratios of scales in units of 2^-shift, the larger of them of 21 bits, so
// that every sum fits int32. Halves go up. Multiplying in float32 would be as exact, but the two
// differ on one sum in some millions, and residual networks make that a difference in thousands of
// later codes: this is the sum of XNNPACK (qs8-vadd), which LiteRT runs, to the last bit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/requantize.h"

namespace fettle {

struct SumOfCodes {
  int32_t m_a = 0, m_b = 0;
  int shift = 1;

  // Operands less their zero points, so within ±255; the result before clamp and zero point.
  int32_t operator()(int32_t a, int32_t b) const {
    return (a * m_a + b * m_b + (int32_t{1} << (shift - 1))) >> shift;
  }
};

// A ratio past 2^20, at which one step of an operand is the whole range of the result, is held
// there; one below 2^-31 is none.
inline SumOfCodes sum_of_codes(float scale_a, float scale_b, float scale_y) {
  constexpr int kBits = 20;
  const float ratio_a = requantize_multiplier(scale_a, scale_y);
  const float ratio_b = requantize_multiplier(scale_b, scale_y);
  const float largest = std::max(ratio_a, ratio_b);
  SumOfCodes sum;
  sum.shift = largest > 0 ? std::clamp(kBits - std::ilogb(largest), 1, 30) : 30;
  const auto units = [&](float ratio) {
    constexpr float kMost = 1 << (kBits + 1);
    return static_cast<int32_t>(std::min(std::nearbyint(std::ldexp(ratio, sum.shift)), kMost));
  };
  sum.m_a = units(ratio_a);
  sum.m_b = units(ratio_b);
  return sum;
}

}  // namespace fettle
