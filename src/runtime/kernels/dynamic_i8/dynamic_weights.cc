// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_weights.h"

#include <algorithm>
#include <cmath>

namespace fettle::runtime {

namespace {

constexpr size_t kPadding = 64;

bool is_plain_f32(const TensorView& v) {
  return v.dtype == DType::f32 && !v.dynamic && v.quant == nullptr && v.elements() > 0;
}

}  // namespace

bool read_dynamic_weights(const OpCall& call, int axis, int64_t terms, DynamicWeights* weights) {
  if (call.in.size() < 2 || call.out.size() != 1) return false;
  const TensorView& w = call.in[1];
  if (!is_plain_f32(call.in[0]) || !is_plain_f32(call.out[0])) return false;
  if (w.dtype != DType::i8 || w.data == nullptr || w.quant == nullptr) return false;
  if (axis < 0 || axis >= w.dims.rank()) return false;
  const Quantization& q = *w.quant;
  const auto channels = static_cast<size_t>(w.dims[axis]);
  const bool fits = q.per_tensor() || (q.axis == axis && q.scale.size() == channels);
  if (!fits || q.scale.empty() || q.zero_point.size() != q.scale.size()) return false;
  if (std::any_of(q.zero_point.begin(), q.zero_point.end(), [](int32_t z) { return z != 0; })) {
    return false;
  }
  if (!std::all_of(q.scale.begin(), q.scale.end(), [](float s) { return std::isfinite(s); })) {
    return false;
  }
  constexpr int64_t kMostSum = int64_t{1} << 31;
  if (terms >= kMostSum / (255 * 128)) return false;
  weights->scales.assign(channels + kPadding, 0);
  weights->bias.assign(channels + kPadding, 0);
  for (size_t c = 0; c < channels; ++c) weights->scales[c] = q.scale[q.per_tensor() ? 0 : c];
  if (!call.has_in(2)) return true;
  const TensorView& b = call.in[2];
  const bool row = b.dims.rank() >= 1 && b.elements() == b.dims.back() &&
                   b.elements() == static_cast<int64_t>(channels);
  if (!row || b.dtype != DType::f32 || b.data == nullptr) return false;
  std::copy_n(b.as<float>(), channels, weights->bias.begin());
  return true;
}

}  // namespace fettle::runtime
