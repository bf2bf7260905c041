// SPDX-License-Identifier: Apache-2.0
//
// If, as a model file has it, and Choose, which a plan has in its place.
//
// If computes nothing itself. Where its condition is known, passes/inline_if puts the taken branch
// in its place. Else both branches become steps of the plan that run under the condition, and each
// output is a Choose:
//
//   y = If(c, x) {then: a = f(x)} {else: b = g(x)}
//   ->  a = f(x) where c;  b = g(x) where not c;  y = Choose(c, a, b)
//
// Choose(c, a, b) copies the one of a and b that was made; extents are that one's own.
#include <cstring>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer_if(const OpCall&) { return needs_value("If", "condition"); }

bool chosen(const OpCall& call) { return *static_cast<const unsigned char*>(call.in[0].data) != 0; }

Status infer_choose(const OpCall& call) {
  const TensorView &c = call.in[0], &a = call.in[1], &b = call.in[2];
  TensorView& y = call.out[0];
  if (c.dtype != DType::boolean || c.elements() != 1) {
    return invalid_input("Choose: its condition is not one boolean");
  }
  FETTLE_TRY(refuse_quantized("Choose", call));
  FETTLE_TRY(require_same_dtype("Choose", a, b));
  if (a.dims.rank() != b.dims.rank()) {
    return invalid_input("Choose: between " + a.dims.to_string() + " and " + b.dims.to_string());
  }
  y.dtype = a.dtype;
  if (has_values(call, 0)) {
    y.dims = chosen(call) ? a.dims : b.dims;
    y.dynamic = any_dynamic(call);
    return {};
  }
  y.dims = widest(a.dims, b.dims);
  y.dynamic = any_dynamic(call) || !(a.dims == b.dims);
  return {};
}

Status reference_choose(const OpCall& call) {
  const TensorView& from = call.in[chosen(call) ? 1 : 2];
  std::memcpy(call.out[0].data, from.data, from.bytes());
  return {};
}

std::vector<Case> cases_choose() {
  return {{.name = "one",
           .inputs = {typed(DType::boolean, {1}), f32({3, 5}), f32({3, 5})},
           .low = 0,
           .high = 1}};
}

constexpr OnnxRule kIfOnnx[] = {{.name = "If"}};

constexpr OpDef kOps[] = {{
                              .name = "If",
                              .schema = Schema(1, -1, 1, -1),
                              .infer = infer_if,
                              .cost = kNotApplicable,
                              .reference = kNotApplicable,
                              .scratch = kNotApplicable,
                              .in_place = kNotApplicable,
                              .rows = kNotApplicable,
                              .quant = kNotApplicable,
                              .onnx = std::span<const OnnxRule>(kIfOnnx),
                              .tflite = kNotApplicable,
                              .cases = kNotApplicable,
                          },
                          {
                              .name = "Choose",
                              .schema = Schema(3, 3, 1, 1),
                              .infer = infer_choose,
                              .cost = kNotApplicable,
                              .reference = reference_choose,
                              .scratch = kNotApplicable,
                              .in_place = kNotApplicable,
                              .rows = kNotApplicable,
                              .quant = QuantRule::keep_float,
                              .onnx = kNotApplicable,
                              .tflite = kNotApplicable,
                              .cases = cases_choose,
                          }};

}  // namespace

FETTLE_OP_TABLE(control, kOps)

}  // namespace fettle::ops
