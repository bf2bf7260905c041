// SPDX-License-Identifier: Apache-2.0
//
// IsNaN and IsInf: questions about floats, read from their bits.
#include <cmath>

#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/operands.h"
#include "ops/unary/unary.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kInfAttrs[] = {{"detect_negative", AttrKind::integer},
                                  {"detect_positive", AttrKind::integer}};

template <bool kInf>
Status infer(const OpCall& call) {
  const char* op = kInf ? "IsInf" : "IsNaN";
  FETTLE_TRY(require_float(op, "input", call.in[0]));
  FETTLE_TRY(refuse_quantized(op, call));
  call.out[0].dtype = DType::boolean;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

template <bool kInf>
Status reference(const OpCall& call) {
  const bool negative = call.attrs.get_int("detect_negative", 1) != 0;
  const bool positive = call.attrs.get_int("detect_positive", 1) != 0;
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    bool* y = call.out[0].as_mutable<bool>();
    for (int64_t i = 0, n = call.in[0].elements(); i < n; ++i) {
      const Accum<T> v = x[i];
      y[i] = kInf ? std::isinf(v) && (v < 0 ? negative : positive) : std::isnan(v);
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements()}; }

std::vector<Case> cases() { return {{.name = "odd", .inputs = {f32({3, 37})}}}; }

template <bool kInf>
constexpr OpDef define(std::span<const OnnxRule> onnx) {
  return {.name = kInf ? "IsInf" : "IsNaN",
          .schema = kInf ? Schema(1, 1, 1, 1, kInfAttrs) : Schema(1, 1, 1, 1),
          .infer = infer<kInf>,
          .cost = cost,
          .reference = reference<kInf>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases};
}

constexpr OnnxRule kNan[] = {{"IsNaN"}}, kInf[] = {{"IsInf"}};
constexpr OpDef kOps[] = {define<false>(kNan), define<true>(kInf)};

}  // namespace

FETTLE_OP_TABLE(predicate, kOps)

}  // namespace fettle::ops
