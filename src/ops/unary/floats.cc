// SPDX-License-Identifier: Apache-2.0
#include "ops/shapes.h"
#include "ops/unary/formulas.h"
#include "ops/unary/integer.h"
#include "ops/unary/rules.h"

namespace fettle::ops {

namespace {

template <class F>
Status infer(const OpCall& call) {
  return infer_float_unary(F::kName, call);
}

template <class F>
Cost cost(const OpCall& call) {
  return {.flops = call.in[0].elements() * F::kFlops};
}

template <class F, class A>
void loop(const A* x, A* y, int64_t n, const UnaryParams& p) {
  const UnaryParams own = p;  // a copy that the stores to y cannot change
  for (int64_t i = 0; i < n; ++i) y[i] = F::template apply<A>(x[i], own);
}

template <class F>
Status reference(const OpCall& call) {
  return run_float_unary(call, loop<F, float>, loop<F, double>, F::params(call.attrs));
}

template <class F>
std::vector<Case> cases() {
  return unary_cases(F::kLow, F::kHigh);
}

template <class F>
Status from_onnx(ir::Graph& graph, ir::Node* node, int opset) {
  node->op = F::kName;
  return drop_consumed_inputs(graph, node, opset);
}

template <class F>
constexpr OnnxRule kSameName[] = {{F::kName, 1, from_onnx<F>}};

template <class F>
constexpr OpDef define(Facet<std::span<const TfliteRule>> tflite = kNotApplicable,
                       std::span<const OnnxRule> onnx = {}) {
  return {.name = F::kName,
          .schema = Schema(1, 1, 1, 1, F::attrs()),
          .infer = infer<F>,
          .cost = cost<F>,
          .reference = reference<F>,
          .scratch = kNotApplicable,
          .in_place = in_place_same_shape,
          .rows = rows_same,
          .quant = QuantRule::table,
          .onnx = onnx.empty() ? std::span<const OnnxRule>(kSameName<F>) : onnx,
          .tflite = tflite,
          .cases = cases<F>};
}

// One that 16-bit codes have as well.
template <class F, GateOf kGateOf>
constexpr OpDef define_gate(Facet<std::span<const TfliteRule>> tflite = kNotApplicable) {
  OpDef op = define<F>(tflite);
  op.infer = +[](const OpCall& call) {
    return is_wide_code(call) ? infer_hard_gate(F::kName, call, kGateOf) : infer<F>(call);
  };
  op.reference = +[](const OpCall& call) {
    return is_wide_code(call) ? run_hard_gate(call, kGateOf) : reference<F>(call);
  };
  return op;
}

using namespace formula;
constexpr TfliteRule kExp[] = {{"EXP"}}, kLog[] = {{"LOG"}},
                     kSqrt[] = {{"SQRT"}, {"RSQRT", from_tflite_rsqrt}}, kFloor[] = {{"FLOOR"}},
                     kCeil[] = {{"CEIL"}}, kRound[] = {{"ROUND"}}, kSin[] = {{"SIN"}},
                     kCos[] = {{"COS"}}, kTanh[] = {{"TANH"}}, kSigmoid[] = {{"LOGISTIC"}},
                     kHardSwish[] = {{"HARD_SWISH"}}, kElu[] = {{"ELU"}},
                     kLeakyRelu[] = {{"LEAKY_RELU"}}, kGelu[] = {{"GELU", from_tflite_gelu}};
constexpr OnnxRule kOnnxGelu[] = {{"Gelu", 1, from_onnx<Gelu>},
                                  {"com.microsoft:Gelu", 1, from_onnx<Gelu>},
                                  {"com.microsoft:FastGelu", 1, from_fast_gelu}},
                   kOnnxSwish[] = {{"Swish", 1, from_onnx<Swish>, swish_to_onnx},
                                   {"com.microsoft:QuickGelu", 1, from_quick_gelu},
                                   {"SwiGLU", 28, from_swiglu}};
constexpr OpDef kOps[] = {define<Exp>(kExp),
                          define<Log>(kLog),
                          define<Sqrt>(kSqrt),
                          define<Reciprocal>(),
                          define<Floor>(kFloor),
                          define<Ceil>(kCeil),
                          define<Round>(kRound),
                          define<Sin>(kSin),
                          define<Cos>(kCos),
                          define<Tan>(),
                          define<Asin>(),
                          define<Acos>(),
                          define<Atan>(),
                          define<Sinh>(),
                          define<Cosh>(),
                          define<Tanh>(kTanh),
                          define<Asinh>(),
                          define<Acosh>(),
                          define<Atanh>(),
                          define<Erf>(),
                          define<Sigmoid>(kSigmoid),
                          define<Softsign>(),
                          define<Softplus>(),
                          define<Mish>(),
                          define_gate<HardSwish, gate_of_hard_swish>(kHardSwish),
                          define<LeakyRelu>(kLeakyRelu),
                          define_gate<HardSigmoid, gate_of_hard_sigmoid>(),
                          define<Elu>(kElu),
                          define<Selu>(),
                          define<Celu>(),
                          define<ThresholdedRelu>(),
                          define<Shrink>(),
                          define<Swish>(kNotApplicable, kOnnxSwish),
                          define<Gelu>(kGelu, kOnnxGelu)};

}  // namespace

FETTLE_OP_TABLE(float_unary, kOps)

}  // namespace fettle::ops
