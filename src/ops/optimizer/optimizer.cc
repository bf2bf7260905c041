// SPDX-License-Identifier: Apache-2.0
//
// Adagrad, Adam and Momentum as operators: one step for any number of parameters. Inputs: rate R,
// step count T, then all parameters, all gradients, and one or two lists of state; outputs: new
// parameters and new state.
#include <cmath>

#include "ops/op.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

enum class Rule : uint8_t { adagrad, adam, momentum };

template <Rule kRule>
constexpr const char* kName = kRule == Rule::adagrad ? "Adagrad"
                              : kRule == Rule::adam  ? "Adam"
                                                     : "Momentum";
template <Rule kRule>
constexpr size_t kStates = kRule == Rule::adam ? 2 : 1;

constexpr AttrSpec kAttrs[] = {{"alpha", AttrKind::real},
                               {"beta", AttrKind::real},
                               {"decay_factor", AttrKind::real},
                               {"epsilon", AttrKind::real},
                               {"mode", AttrKind::string},
                               {"norm_coefficient", AttrKind::real},
                               {"norm_coefficient_post", AttrKind::real}};

template <Rule kRule>
Status infer(const OpCall& call) {
  const char* op = kName<kRule>;
  constexpr size_t kLists = 2 + kStates<kRule>;
  FETTLE_TRY(refuse_quantized(op, call));
  const size_t n = (call.in.size() - 2) / kLists;
  if (call.in.size() < 2 + kLists || (call.in.size() - 2) % kLists != 0 ||
      call.out.size() != n * (1 + kStates<kRule>)) {
    return invalid_input(std::string(op) + ": its lists of tensors differ in length");
  }
  FETTLE_TRY(require_float(op, "rate", call.in[0]));
  for (size_t i = 0; i < 2; ++i) {
    if (call.in[i].elements() != 1) return invalid_input(std::string(op) + ": R, T are scalars");
  }
  for (size_t k = 2; k < call.in.size(); ++k) {
    const TensorView& x = call.in[2 + (k - 2) % n];
    FETTLE_TRY(require_float(op, "tensor", call.in[k]));
    FETTLE_TRY(require_same_dtype(op, x, call.in[k]));
    FETTLE_TRY(require_dims(op, "tensor", call.in[k], x.dims));
  }
  for (size_t k = 0; k < call.out.size(); ++k) {
    call.out[k].dtype = call.in[2 + k % n].dtype;
    call.out[k].dims = call.in[2 + k % n].dims;
  }
  return {};
}

struct Step {
  double rate, count, norm, norm_post, alpha, beta, epsilon, decay;
  bool nesterov;
};

// New parameter; the state changes in place.
template <Rule kRule>
double update(const Step& s, double x, double g, double* state) {
  const double gradient = s.norm * x + g;
  if (kRule == Rule::adagrad) {
    state[0] += gradient * gradient;
    return x - s.rate / (1 + s.count * s.decay) * gradient / (std::sqrt(state[0]) + s.epsilon);
  }
  if (kRule == Rule::momentum) {
    state[0] = s.alpha * state[0] + (s.count > 0 ? s.beta : 1) * gradient;
    return x - s.rate * (s.nesterov ? gradient + s.alpha * state[0] : state[0]);
  }
  state[0] = s.alpha * state[0] + (1 - s.alpha) * gradient;
  state[1] = s.beta * state[1] + (1 - s.beta) * gradient * gradient;
  const double rate = s.count > 0 ? s.rate * std::sqrt(1 - std::pow(s.beta, s.count)) /
                                        (1 - std::pow(s.alpha, s.count))
                                  : s.rate;
  return (1 - s.norm_post) * (x - rate * state[0] / (std::sqrt(state[1]) + s.epsilon));
}

template <Rule kRule>
Status reference(const OpCall& call) {
  constexpr size_t kCount = kStates<kRule>;
  const size_t n = (call.in.size() - 2) / (2 + kCount);
  const Attributes& a = call.attrs;
  const Step step{number_at(call.in[0], 0),           number_at(call.in[1], 0),
                  a.get_float("norm_coefficient", 0), a.get_float("norm_coefficient_post", 0),
                  a.get_float("alpha", 0.9f),         a.get_float("beta", 0.999f),
                  a.get_float("epsilon", 1e-6f),      a.get_float("decay_factor", 0),
                  a.get_string("mode") == "nesterov"};
  for (size_t k = 0; k < n; ++k) {
    for (int64_t i = 0; i < call.in[2 + k].elements(); ++i) {
      double state[2] = {};
      for (size_t j = 0; j < kCount; ++j) state[j] = number_at(call.in[2 + (2 + j) * n + k], i);
      const double x = update<kRule>(step, number_at(call.in[2 + k], i),
                                     number_at(call.in[2 + n + k], i), state);
      if (call.out[k].data) set_number(call.out[k], i, x);
      for (size_t j = 0; j < kCount; ++j) {
        if (call.out[(1 + j) * n + k].data) set_number(call.out[(1 + j) * n + k], i, state[j]);
      }
    }
  }
  return {};
}

Cost cost(const OpCall& call) {
  int64_t flops = 0;
  for (const TensorView& v : call.in) flops += 4 * v.elements();
  return {.flops = flops};
}
std::vector<Case> cases() { return {}; }  // conformance cases cover them

template <Rule kRule>
constexpr OpDef define(std::span<const OnnxRule> onnx) {
  return {.name = kName<kRule>,
          .schema = Schema(4, -1, 1, -1, kAttrs),
          .infer = infer<kRule>,
          .cost = cost,
          .reference = reference<kRule>,
          .scratch = kNotApplicable,
          .in_place = kNotApplicable,
          .rows = kNotApplicable,
          .quant = QuantRule::keep_float,
          .onnx = onnx,
          .tflite = kNotApplicable,
          .cases = cases};
}

template <Rule kRule>
Status read_onnx(ir::Graph&, ir::Node* node, int) {
  node->op = kName<kRule>;
  return {};
}

constexpr OnnxRule kAdagrad[] = {{"ai.onnx.preview.training:Adagrad", 1, read_onnx<Rule::adagrad>}},
                   kAdam[] = {{"ai.onnx.preview.training:Adam", 1, read_onnx<Rule::adam>}},
                   kMomentum[] = {
                       {"ai.onnx.preview.training:Momentum", 1, read_onnx<Rule::momentum>}};
constexpr OpDef kOps[] = {define<Rule::adagrad>(kAdagrad), define<Rule::adam>(kAdam),
                          define<Rule::momentum>(kMomentum)};

}  // namespace

FETTLE_OP_TABLE(optimizer, kOps)

}  // namespace fettle::ops
