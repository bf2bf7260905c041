// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantized_i8.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "runtime/kernels/activation.h"

namespace fettle::runtime {

namespace {

bool is_zero_point(int32_t z) { return z >= -128 && z <= 127; }

bool is_activation_i8(const TensorView& v) {
  return v.dtype == DType::i8 && !v.dynamic && v.quant != nullptr && v.quant->per_tensor() &&
         v.quant->zero_point.size() == 1 && is_zero_point(v.quant->zero_point[0]) &&
         v.quant->scale[0] > 0 && std::isfinite(v.quant->scale[0]);
}

// The code that a bound of the activation becomes.
int32_t code_of(float real, float scale, int32_t zero_point) {
  if (std::isnan(real)) return -128;
  const double code = std::nearbyint(static_cast<double>(real) / scale) + zero_point;
  return static_cast<int32_t>(std::clamp<double>(code, -128, 127));
}

// |sum| <= |bias| + sum of |x - zero| * |w - zero|, and the first factor is at most 255.
bool sum_fits(const int8_t* w, int64_t terms, const OutputChannel& channel) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (channel.bias > kMost || channel.bias < -kMost) return false;
  int64_t sum = std::abs(channel.bias);
  for (int64_t k = 0; k < terms; ++k) sum += 255 * std::abs(w[k] - channel.zero_point);
  return sum <= kMost;
}

}  // namespace

bool read_output_i8(const OpCall& call, Requantizer* r) {
  if (!is_activation_i8(call.out[0])) return false;
  Activation activation;
  if (!read_activation(call.attrs, &activation) || !activation.is_clamp()) return false;
  const Quantization& q = *call.out[0].quant;
  r->zero_point = q.zero_point[0];
  r->low = code_of(activation.lo, q.scale[0], r->zero_point);
  r->high = std::max(r->low, code_of(activation.hi, q.scale[0], r->zero_point));
  return true;
}

bool QuantizedI8::symmetric_weights() const {
  return std::all_of(channels.begin(), channels.end(),
                     [](const OutputChannel& c) { return c.zero_point == 0; });
}

bool read_quantized_i8(const OpCall& call, int64_t terms, QuantizedI8* quantized) {
  const TensorView& x = call.in[0];
  const TensorView& w = call.in[1];
  if (!is_activation_i8(x) || !read_output_i8(call, &quantized->output)) return false;
  if (w.dtype != DType::i8 || w.data == nullptr || w.quant == nullptr) return false;
  const Quantization& q = *w.quant;
  const int64_t count = w.dims[0];
  const bool per_channel = q.axis == 0 && static_cast<int64_t>(q.scale.size()) == count;
  if (q.scale.empty() || q.zero_point.size() != q.scale.size()) return false;
  if (!q.per_tensor() && !per_channel) return false;
  const bool biased = call.has_in(2);
  if (biased) {
    const TensorView& b = call.in[2];
    if (b.data == nullptr || b.elements() != count) return false;
    if (b.dtype != DType::i32 && b.dtype != DType::i64) return false;
  }
  quantized->in_zero_point = x.quant->zero_point[0];
  quantized->channels.resize(static_cast<size_t>(count));
  for (int64_t c = 0; c < count; ++c) {
    OutputChannel& channel = quantized->channels[static_cast<size_t>(c)];
    const size_t entry = q.per_tensor() ? 0 : static_cast<size_t>(c);
    channel.zero_point = q.zero_point[entry];
    channel.multiplier =
        requantize_multiplier(x.quant->scale[0], q.scale[entry], call.out[0].quant->scale[0]);
    channel.bias = !biased                          ? 0
                   : call.in[2].dtype == DType::i32 ? call.in[2].as<int32_t>()[c]
                                                    : call.in[2].as<int64_t>()[c];
    if (!is_zero_point(channel.zero_point) || !std::isfinite(channel.multiplier)) return false;
    if (!sum_fits(w.as<int8_t>() + c * terms, terms, channel)) return false;
  }
  return true;
}

}  // namespace fettle::runtime
