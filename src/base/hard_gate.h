// SPDX-License-Identifier: Apache-2.0
//
// HardSigmoid and HardSwish of 16-bit codes, in float32, each operation rounded by itself:
//
//   gate = clamp(code * slope + offset, 0, 1)
//   HardSigmoid: y = gate * multiplier
//   HardSwish:   y = code * gate * multiplier
//
// and y becomes a code by the rule of base/requantize.h. A table of straight lines, as other
// functions have (ops/lookup), would need thousands of entries for the two corners.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/requantize.h"

namespace fettle {

struct HardGate {
  float slope = 0, offset = 0, multiplier = 1;
  bool swish = false;

  bool finite() const { return std::isfinite(slope) && std::isfinite(offset); }
  // To be rounded.
  float operator()(int32_t code) const {
    const auto x = static_cast<float>(code);
    const float product = x * slope, gate = std::clamp(product + offset, 0.0F, 1.0F);
    return (swish ? x * gate : gate) * multiplier;
  }
};

// Of max(0, min(1, alpha * x + beta)), from codes of scale_x to those of scale_y.
inline HardGate hard_sigmoid_gate(float alpha, float beta, float scale_x, float scale_y) {
  return {alpha * scale_x, beta, requantize_multiplier(1, scale_y), false};
}
// Of x * max(0, min(1, x / 6 + 1 / 2)).
inline HardGate hard_swish_gate(float scale_x, float scale_y) {
  return {scale_x / 6, 0.5F, requantize_multiplier(scale_x, scale_y), true};
}

}  // namespace fettle
