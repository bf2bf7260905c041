// SPDX-License-Identifier: Apache-2.0
//
// DynamicQuantizeLinear: u8 with the scale and zero point that the tensor's own range (with 0 in
// it) asks for. DynamicRound: floats rounded to the 256 numbers that 8-bit codes of their image's
// range can stand for (base/dynamic_range.h), an image being all behind the first axis.
#include <algorithm>
#include <cmath>

#include "base/dynamic_range.h"
#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/quantize_linear/quantize_linear.h"
#include "ops/shapes.h"

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

Status infer_round(const OpCall& call) {
  if (call.in[0].dtype != DType::f32) return unsupported("DynamicRound: its input should be f32");
  FETTLE_TRY(refuse_quantized("DynamicRound", call));
  return infer_same(call);
}

Status reference_round(const OpCall& call) {
  const Dims& dims = call.in[0].dims;
  const int64_t images = dims.rank() > 0 ? dims[0] : 1;
  const int64_t n = images > 0 ? dims.elements() / images : 0;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  for (int64_t image = 0; image < images; ++image, x += n, y += n) {
    float low = 0, high = 0;
    for (int64_t i = 0; i < n; ++i) {
      low = x[i] < low ? x[i] : low;
      high = x[i] > high ? x[i] : high;
    }
    const DynamicRange range = dynamic_range(low, high);
    for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(range.centred(x[i])) * range.scale;
  }
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 4 * call.in[0].elements()}; }
std::vector<Case> cases() { return {{.name = "vector", .inputs = {f32({3, 17})}}}; }

constexpr OnnxRule kOnnx[] = {{"DynamicQuantizeLinear"}};
constexpr OpDef kOps[] = {{
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
                          },
                          {
                              .name = "DynamicRound",
                              .schema = Schema(1, 1, 1, 1),
                              .infer = infer_round,
                              .cost = cost,
                              .reference = reference_round,
                              .scratch = kNotApplicable,
                              .in_place = in_place_same_shape,
                              .rows = kNotApplicable,
                              .quant = QuantRule::keep_float,
                              .onnx = kNotApplicable,
                              .tflite = kNotApplicable,
                              .cases = cases,
                          }};

}  // namespace

FETTLE_OP_TABLE(dynamic_quantize, kOps)

}  // namespace fettle::ops
