// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "quantize/post_training.h"

namespace fettle::quantize {

Tensor quantize_weights(const Tensor& weights, int axis) {
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
  for (float& s : quant->scale) s = s > 0 ? s / 127 : 1.0f / 127;
  Tensor quantized(DType::i8, dims);
  const auto to = quantized.mutable_data<int8_t>();
  for (size_t i = 0; i < from.size(); ++i) {
    const float q = std::nearbyint(from[i] / quant->scale[channel_of(i)]);
    to[i] = std::isnan(q) ? 0 : static_cast<int8_t>(std::clamp(q, -127.0f, 127.0f));
  }
  quantized.set_quant(std::move(quant));
  return quantized;
}

}  // namespace fettle::quantize
