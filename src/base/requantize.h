// SPDX-License-Identifier: Apache-2.0
//
// The one way an exact integer sum becomes a quantized number, on every instruction set:
//
//   y = clamp(round_half_even(float(sum) * multiplier) + zero_point)
//
// with float the IEEE binary32 of the current default rounding and one rounding for the product.
// A fused clamp (relu, relu6) only narrows the range. Kernels that differ by a bit are wrong.
#pragma once

#include <cstdint>

namespace fettle {

struct Requantizer {
  int32_t zero_point = 0;
  int32_t low = -128, high = 127;  // of the result, low <= high, both of at most 16 bits

  // Clamping first keeps the conversion in range and changes nothing: the bounds are integers.
  int32_t operator()(float scaled) const {
    const float least = static_cast<float>(low - zero_point);
    const float most = static_cast<float>(high - zero_point);
    scaled = scaled < least ? least : scaled;
    scaled = scaled > most ? most : scaled;
    // Adding 1.5 * 2^23 leaves no bits for a fraction: the addition rounds half to even.
    constexpr float kRound = 12582912.0f;
    return static_cast<int32_t>((scaled + kRound) - kRound) + zero_point;
  }
  int32_t operator()(int32_t sum, float multiplier) const {
    return (*this)(static_cast<float>(sum) * multiplier);
  }
  int32_t operator()(int64_t sum, float multiplier) const {
    return (*this)(static_cast<float>(sum) * multiplier);
  }
};

// The multiplier of sums whose unit is `from` to a result whose unit is `to`; a product's unit is
// the product of its factors' scales, rounded to float32 as LiteRT and ONNX Runtime do.
// Scales from outside may be anything finite: what overflows is held at the largest float, so that
// a multiplier is never infinite and 0 * multiplier never NaN.
inline float requantize_multiplier(float from, float to) {
  constexpr float kMost = 3.0e38f;
  const float multiplier = from / to;
  return multiplier < kMost ? multiplier : kMost;
}
inline float requantize_multiplier(float from_a, float from_b, float to) {
  return requantize_multiplier(from_a * from_b, to);
}

}  // namespace fettle
