// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantized_i8.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "runtime/kernels/activation.h"

namespace fettle::runtime {

namespace {

// 16-bit codes are symmetric.
bool is_zero_point(int32_t z, DType type) {
  return type == DType::i8 ? z >= -128 && z <= 127 : z == 0;
}

// The code that a bound of the activation becomes.
int32_t code_of(float real, float scale, int32_t zero_point, int32_t low, int32_t high) {
  if (std::isnan(real)) return low;
  const double code = std::nearbyint(static_cast<double>(real) / scale) + zero_point;
  return static_cast<int32_t>(std::clamp<double>(code, low, high));
}

template <class T>
void add_weights(const T* weights, int64_t terms, OutputChannel* channel) {
  for (int64_t k = 0; k < terms; ++k) {
    const int64_t w = weights[k] - channel->zero_point;
    channel->weight_size += std::abs(w);
    channel->weight_sum += w;
  }
}

// Eight at a time: of a package whose weights are packed this is most of what loading takes.
void add_bytes(const int8_t* weights, int64_t terms, OutputChannel* channel) {
  typedef int8_t Codes __attribute__((vector_size(8)));
  typedef int16_t Words __attribute__((vector_size(16)));
  constexpr int64_t kMostSteps = 128;  // of at most 255 each
  const auto zero = static_cast<int16_t>(channel->zero_point);
  while (terms >= 8) {
    const int64_t steps = std::min(terms / 8, kMostSteps);
    Words size{}, sum{};
    for (int64_t i = 0; i < steps; ++i) {
      Codes codes;
      std::memcpy(&codes, weights + 8 * i, sizeof codes);
      const Words w = __builtin_convertvector(codes, Words) - zero;
      size += w > 0 ? w : -w;
      sum += w;
    }
    for (int lane = 0; lane < 8; ++lane) {
      channel->weight_size += size[lane];
      channel->weight_sum += sum[lane];
    }
    weights += 8 * steps;
    terms -= 8 * steps;
  }
  add_weights(weights, terms, channel);
}

// |sum| <= |bias| + sum of |x - zero| * |w - zero|, and the first factor is at most 255, or 32768
// of 16 bits. Scaled, a sum still fits 32 bits (narrow_i8.h and narrow_i16.h convert it unclamped).
bool sum_fits(bool wide, const OutputChannel& channel) {
  const int64_t most = wide ? int64_t{1} << 53 : std::numeric_limits<int32_t>::max();
  if (channel.bias > most || channel.bias < -most) return false;
  const int64_t sum = std::abs(channel.bias) + (wide ? kMostCodeI16 : 255) * channel.weight_size;
  const double scaled = static_cast<double>(sum) * static_cast<double>(channel.multiplier);
  return sum <= most && scaled < 0x1p31 - 1024;
}

}  // namespace

bool is_activation(const TensorView& v) {
  return (v.dtype == DType::i8 || v.dtype == DType::i16) && !v.dynamic && v.quant != nullptr &&
         v.quant->per_tensor() && v.quant->zero_point.size() == 1 &&
         is_zero_point(v.quant->zero_point[0], v.dtype) && v.quant->scale[0] > 0 &&
         std::isfinite(v.quant->scale[0]);
}

bool is_activation_i8(const TensorView& v) { return v.dtype == DType::i8 && is_activation(v); }

bool read_output(const OpCall& call, Requantizer* r) {
  if (!is_activation(call.out[0])) return false;
  Activation activation;
  if (!read_activation(call.attrs, &activation) || !activation.is_clamp()) return false;
  const Quantization& q = *call.out[0].quant;
  const bool wide = call.out[0].dtype == DType::i16;
  const int32_t low = wide ? std::numeric_limits<int16_t>::min() : -128, high = -low - 1;
  r->zero_point = q.zero_point[0];
  r->low = code_of(activation.lo, q.scale[0], r->zero_point, low, high);
  r->high = std::max(r->low, code_of(activation.hi, q.scale[0], r->zero_point, low, high));
  return true;
}

bool QuantizedI8::symmetric_weights() const {
  return std::all_of(channels.begin(), channels.end(),
                     [](const OutputChannel& c) { return c.zero_point == 0; });
}

SumForm sum_form(const QuantizedI8& q) {
  if (q.wide || q.sums) return SumForm::integer;
  const int64_t least_x = -128 - q.in_zero_point, most_x = 127 - q.in_zero_point;
  int64_t reach = 0;
  for (const OutputChannel& c : q.channels) {
    const int64_t up = (c.weight_size + c.weight_sum) / 2;    // of positive weights
    const int64_t down = (c.weight_size - c.weight_sum) / 2;  // of negative ones
    const int64_t least = c.bias + up * least_x - down * most_x;
    const int64_t most = c.bias + up * most_x - down * least_x;
    const int64_t far = std::max({std::abs(least), std::abs(most), int64_t{1}});
    if (static_cast<double>(far) * static_cast<double>(c.multiplier) > kMostScaled) {
      return SumForm::integer;
    }
    reach = std::max(reach, far);
  }
  const bool from_zero = q.output.zero_point == -128 && q.output.low == -128;
  if (from_zero && reach <= kMostSumFromZero) return SumForm::from_zero;
  return reach <= kMostCentredSum ? SumForm::centred : SumForm::integer;
}

bool read_quantized(const OpCall& call, int64_t terms, QuantizedI8* quantized) {
  const TensorView& x = call.in[0];
  const TensorView& w = call.in[1];
  if (!is_activation(x) || !read_output(call, &quantized->output)) return false;
  if (call.out[0].dtype != x.dtype) return false;
  quantized->wide = x.dtype == DType::i16;
  quantized->weights = {w.data, w.dtype == DType::i16};
  if (w.dtype != DType::i8 && !(quantized->wide && w.dtype == DType::i16)) return false;
  if (w.data == nullptr || w.quant == nullptr) return false;
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
    channel = {};
    const size_t entry = q.per_tensor() ? 0 : static_cast<size_t>(c);
    channel.zero_point = q.zero_point[entry];
    channel.multiplier =
        requantize_multiplier(x.quant->scale[0], q.scale[entry], call.out[0].quant->scale[0]);
    channel.bias = !biased                          ? 0
                   : call.in[2].dtype == DType::i32 ? call.in[2].as<int32_t>()[c]
                                                    : call.in[2].as<int64_t>()[c];
    if (!is_zero_point(channel.zero_point, w.dtype) || !std::isfinite(channel.multiplier)) {
      return false;
    }
    if (quantized->weights.wide) {
      add_weights(static_cast<const int16_t*>(w.data) + c * terms, terms, &channel);
    } else {
      add_bytes(static_cast<const int8_t*>(w.data) + c * terms, terms, &channel);
    }
    if (!sum_fits(quantized->wide, channel)) return false;
  }
  return true;
}

}  // namespace fettle::runtime
