// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/post_training.h"

namespace fettle::quantize {

Tensor quantize_weights(const Tensor& weights, int axis, std::span<const float> least_scales) {
  const Dims& dims = weights.dims();
  const int64_t channels = dims[axis];
  const int64_t inner = dims.product(axis + 1, dims.rank());
  const auto from = weights.data<float>();
  auto quant = std::make_shared<Quantization>();
  quant->axis = axis;
  quant->zero_point.assign(static_cast<size_t>(channels), 0);
  quant->scale.assign(static_cast<size_t>(channels), 0);
  const auto channel_of = [&](size_t i) {
    return static_cast<size_t>(static_cast<int64_t>(i) / inner % channels);
  };
  for (size_t i = 0; i < from.size(); ++i) {
    if (!std::isfinite(from[i])) continue;
    float& largest = quant->scale[channel_of(i)];
    largest = std::max(largest, std::fabs(from[i]));
  }
  for (size_t c = 0; c < quant->scale.size(); ++c) {
    float& s = quant->scale[c];
    s = s > 0 ? s / 127 : 1.0f / 127;
    if (!least_scales.empty()) s = std::max(s, least_scales[c]);
  }
  Tensor quantized(DType::i8, dims);
  const auto to = quantized.mutable_data<int8_t>();
  for (size_t i = 0; i < from.size(); ++i) {
    const float q = std::nearbyint(from[i] / quant->scale[channel_of(i)]);
    to[i] = std::isnan(q) ? 0 : static_cast<int8_t>(std::clamp(q, -127.0f, 127.0f));
  }
  quantized.set_quant(std::move(quant));
  return quantized;
}

Tensor quantize_bias(const Tensor& bias, float x_scale, const Quantization& weights, DType type) {
  const auto from = bias.data<float>();
  const size_t count = weights.scale.size();
  Tensor codes(type, {static_cast<int64_t>(count)});
  auto quant = std::make_shared<Quantization>(weights);
  quant->axis = 0;
  const double most = type == DType::i32 ? 2147483647.0 : 0x1p52;  // sums stay exact in double
  for (size_t c = 0; c < count; ++c) {
    quant->scale[c] = weights.scale[c] * x_scale;
    const double code =
        std::nearbyint(from[from.size() == 1 ? 0 : c] / static_cast<double>(quant->scale[c]));
    const double held = std::isnan(code) ? 0 : std::clamp(code, -most, most);
    if (type == DType::i32) {
      codes.mutable_data<int32_t>()[c] = static_cast<int32_t>(held);
    } else {
      codes.mutable_data<int64_t>()[c] = static_cast<int64_t>(held);
    }
  }
  codes.set_quant(std::move(quant));
  return codes;
}

Tensor quantize_constant(const Tensor& reals, DType type,
                         std::shared_ptr<const Quantization> quant) {
  Tensor codes(type, reals.dims());
  const auto from = reals.data<float>();
  const auto fill = [&]<class T>(std::span<T> to) {
    for (size_t i = 0; i < from.size(); ++i) {
      const float code =
          std::nearbyint(from[i] / quant->scale[0]) + static_cast<float>(quant->zero_point[0]);
      const auto low = static_cast<float>(std::numeric_limits<T>::min());
      const auto high = static_cast<float>(std::numeric_limits<T>::max());
      to[i] = std::isnan(code) ? T{0} : static_cast<T>(std::clamp(code, low, high));
    }
  };
  if (type == DType::i8) {
    fill(codes.mutable_data<int8_t>());
  } else {
    fill(codes.mutable_data<int16_t>());
  }
  codes.set_quant(std::move(quant));
  return codes;
}

}  // namespace fettle::quantize
