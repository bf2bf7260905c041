// SPDX-License-Identifier: Apache-2.0
//
// LpNormalization: divides by the p-norm (p = 1 or 2) along one axis; a vector of norm 0 stays 0.
#include <cmath>

#include "ops/activation.h"
#include "ops/cases.h"
#include "ops/floats.h"
#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}, {"p", AttrKind::integer}};

Status infer(const OpCall& call) {
  int axis;
  FETTLE_TRY(require_rank("LpNormalization", "input", call.in[0], 1, kMaxRank));
  FETTLE_TRY(normalize_axis("LpNormalization", call.attrs.get_int("axis", -1),
                            call.in[0].dims.rank(), &axis));
  const int64_t p = call.attrs.get_int("p", 2);
  if (p != 1 && p != 2) return invalid_input("LpNormalization: p should be 1 or 2");
  FETTLE_TRY(refuse_quantized("LpNormalization", call));
  FETTLE_TRY(require_float("LpNormalization", "input", call.in[0]));
  return infer_same(call);
}

Status reference(const OpCall& call) {
  const Dims& x = call.in[0].dims;
  int axis;
  FETTLE_TRY(normalize_axis("LpNormalization", call.attrs.get_int("axis", -1), x.rank(), &axis));
  const int64_t inner = x.product(axis + 1, x.rank()), length = x[axis];
  const int64_t outer = x.product(0, axis);
  const bool squared = call.attrs.get_int("p", 2) == 2;
  visit_float(call.in[0].dtype, [&]<class T>(T) {
    using A = Accum<T>;
    for (int64_t r = 0; r < outer * inner; ++r) {
      const int64_t start = r / inner * inner * length + r % inner;
      const T* from = call.in[0].as<T>() + start;
      T* to = call.out[0].as_mutable<T>() + start;
      A sum = 0;
      for (int64_t i = 0; i < length; ++i) {
        const A v = static_cast<A>(from[i * inner]);
        sum += squared ? v * v : std::abs(v);
      }
      const A norm = squared ? std::sqrt(sum) : sum;
      for (int64_t i = 0; i < length; ++i) {
        to[i * inner] = static_cast<T>(norm == 0 ? A(0) : static_cast<A>(from[i * inner]) / norm);
      }
    }
  });
  return {};
}

Cost cost(const OpCall& call) { return {.flops = 3 * call.in[0].elements()}; }

Status read_tflite(ir::Graph&, ir::Node* node) {
  FETTLE_TRY(read_tflite_activation(node->attrs));
  if (node->attrs.has("activation")) {
    return unsupported("L2_NORMALIZATION with a fused activation", node->label());
  }
  node->op = "LpNormalization";
  return {};
}

std::vector<Case> cases() {
  return {{.name = "last_axis", .inputs = {f32({3, 4, 9})}},
          {.name = "first_axis_p1",
           .attrs = {{"axis", int64_t{0}}, {"p", int64_t{1}}},
           .inputs = {f32({5, 6})}}};
}

constexpr OnnxRule kOnnx[] = {{"LpNormalization"}};
constexpr TfliteRule kTflite[] = {{"L2_NORMALIZATION", read_tflite}};
constexpr OpDef kOps[] = {{
    .name = "LpNormalization",
    .schema = Schema(1, 1, 1, 1, kAttrs),
    .infer = infer,
    .cost = cost,
    .reference = reference,
    .scratch = kNotApplicable,
    .in_place = in_place_first,
    .rows = kNotApplicable,
    .quant = QuantRule::keep_float,
    .onnx = std::span<const OnnxRule>(kOnnx),
    .tflite = std::span<const TfliteRule>(kTflite),
    .cases = cases,
}};

}  // namespace

FETTLE_OP_TABLE(lp_norm, kOps)

}  // namespace fettle::ops
