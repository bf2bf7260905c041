// SPDX-License-Identifier: Apache-2.0
//
// SwiGLU: a * sigmoid(alpha * a) * b.
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real}};

Status infer(const OpCall& call) {
  FETTLE_TRY(refuse_quantized("SwiGLU", call));
  FETTLE_TRY(require_float("SwiGLU", "gate", call.in[0]));
  FETTLE_TRY(require_same_dtype("SwiGLU", call.in[0], call.in[1]));
  FETTLE_TRY(require_dims("SwiGLU", "value", call.in[1], call.in[0].dims));
  FETTLE_TRY(infer_same(call));
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

Status reference(const OpCall& call) {
  const float alpha = call.attrs.get_float("alpha", 1);
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    using A = Accum<T>;
    const T *a = call.in[0].as<T>(), *b = call.in[1].as<T>();
    T* out = call.out[0].as_mutable<T>();
    for (int64_t i = 0; i < call.out[0].elements(); ++i) {
      const A g = static_cast<A>(a[i]);
      out[i] = static_cast<T>(g / (1 + std::exp(-alpha * g)) * static_cast<A>(b[i]));
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 5 * call.out[0].elements()}; }
std::vector<Case> cases() {
  return {{.name = "alpha", .attrs = {{"alpha", 1.5f}}, .inputs = {f32({3, 9}), f32({3, 9})}}};
}

constexpr OnnxRule kOnnx[] = {{"SwiGLU"}};
constexpr OpDef kOps[] = {{
    .name = "SwiGLU",
    .schema = Schema(2, 2, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = in_place_same_shape,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = kNotApplicable,
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(swiglu, kOps)

}  // namespace fettle::ops
