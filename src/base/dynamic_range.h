// SPDX-License-Identifier: Apache-2.0
//
// Quantization of floats while a network runs, to i8 over exactly the range that they have:
//
//   code = clamp(round(x * inverse), -128 - zero, 127 - zero) + zero,   x ~ scale * (code - zero)
//
// where the range includes 0, and zero is the nearest integer of whichever end it errs less at.
// Multiplied by weights and summed up exactly, codes become floats again, plus a bias.
//
// ONNX's DynamicQuantizeLinear is of this kind. Steps and order here are LiteRT's to the last bit,
// because a code that rounds the other way is a difference of thousandths further on: XNNPACK's
// (f32-qd8, qd8-f32-qc8w) for dense products, and for depthwise convolutions, which XNNPACK leaves
// alone, those of LiteRT's own kernel.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/requantize.h"

namespace fettle {

struct DynamicRange {
  float inverse = 1, scale = 1;
  int32_t zero = 0;
  bool halves_away = false;  // rounds halves away from 0, else to even

  // x as a code less the zero point, in [-255, 255]. Not a number is 0.
  int32_t centred(float x) const {
    float scaled = x * inverse;
    scaled = scaled == scaled ? scaled : 0.0f;
    if (!halves_away) return Requantizer{zero}(scaled)-zero;
    const float least = static_cast<float>(-128 - zero), most = static_cast<float>(127 - zero);
    const float low = scaled > least ? scaled : least;
    return static_cast<int32_t>(std::round(low < most ? low : most));
  }
};

// Of numbers between `least` and `most`, both or either of which may be on one side of 0.
inline DynamicRange dynamic_range(float least, float most) {
  least = least < 0 ? least : 0.0f;
  most = most > 0 ? most : 0.0f;
  DynamicRange range;
  range.inverse = least == most ? 1.0f : 255.0f / (most - least);
  range.scale = 1.0f / range.inverse;
  const float low = least * range.inverse, high = most * range.inverse;
  const float zero = (-128.0f + low) + (127.0f + high) > 0 ? -128.0f - low : 127.0f - high;
  range.zero = Requantizer{}(zero == zero ? zero : 0.0f);
  return range;
}

inline float scaled_sum(int64_t sum, float scale, float weight_scale, float bias) {
  return std::fma(static_cast<float>(sum) * scale, weight_scale, bias);
}

inline DynamicRange depthwise_dynamic_range(float least, float most) {
  const double low = least < 0 ? least : 0, high = most > 0 ? most : 0;
  DynamicRange range;
  range.halves_away = true;
  if (low == high) return range;
  const double step = (high - low) / 255;
  range.scale = static_cast<float>(step);
  range.inverse = 1.0f / range.scale;
  const double zero = 128 + std::abs(low / step) < 127 + std::abs(high / step) ? -128 - low / step
                                                                               : 127 - high / step;
  if (zero == zero)
    range.zero = static_cast<int32_t>(std::round(zero < -128 ? -128 : zero > 127 ? 127 : zero));
  return range;
}

inline float depthwise_scaled_sum(int64_t sum, float scale, float weight_scale, float bias) {
  const float product = static_cast<float>(sum) * weight_scale * scale;
  return product + bias;
}

}  // namespace fettle
