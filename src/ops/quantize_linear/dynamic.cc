// SPDX-License-Identifier: Apache-2.0
//
// DynamicQuantizeLinear: u8 with the scale and zero point that the tensor's own range (with 0 in
// it) asks for.
#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/quantize_linear/quantize_linear.h"

namespace fettle::ops {

namespace {

Status infer(const OpCall& call) {
  if (call.in[0].dtype != DType::f32) {
    return unsupported("DynamicQuantizeLinear: its input should be f32");
  }
  call.out[0].dtype = DType::u8;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  call.out[1].dtype = DType::f32;
  call.out[2].dtype = DType::u8;
  call.out[1].dims = call.out[2].dims = {};
  return {};
}

Status reference(const OpCall& call) {
  const float* x = call.in[0].as<float>();
  const int64_t n = call.in[0].elements();
  float low = 0, high = 0;
  for (int64_t i = 0; i < n; ++i) {
    low = std::min(low, x[i]);
    high = std::max(high, x[i]);
  }
  const float scale = (high - low) / 255.0f;
  const float divisor = scale == 0 ? 1 : scale;
  const float zero = std::nearbyint(std::clamp(0 - low / divisor, 0.0f, 255.0f));
  uint8_t* out = call.out[0].as_mutable<uint8_t>();
  for (int64_t i = 0; i < n; ++i) {
    const float q = std::nearbyint(x[i] / divisor) + zero;
    out[i] = static_cast<uint8_t>(q > 0 ? std::min(q, 255.0f) : 0);
  }
  *call.out[1].as_mutable<float>() = scale;
  *call.out[2].as_mutable<uint8_t>() = static_cast<uint8_t>(zero);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 4 * call.in[0].elements()}; }
std::vector<Case> cases() { return {{.name = "vector", .inputs = {f32({3, 17})}}}; }

}  // namespace

std::span<const OpDef> dynamic_quantize_op() {
  static constexpr OnnxRule kOnnx[] = {{"DynamicQuantizeLinear"}};
  static const OpDef ops[] = {{
      .name = "DynamicQuantizeLinear",
      .schema = Schema(1, 1, 3, 3),
      .infer = infer,
      .cost = cost,
      .reference = reference,
      .scratch = kNotApplicable,
      .in_place = kNotApplicable,
      .rows = kNotApplicable,
      .quant = QuantRule::keep_float,
      .onnx = std::span<const OnnxRule>(kOnnx),
      .tflite = kNotApplicable,
      .cases = cases,
  }};
  return ops;
}

}  // namespace fettle::ops
