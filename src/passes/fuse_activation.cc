// SPDX-License-Identifier: Apache-2.0
//
//   Relu(Conv(x, w, b))  ->  Conv(x, w, b; activation=relu)
//
// for every activation that kernels apply to a tile before it leaves the registers, after every
// operator whose schema has activations with parameters, and so all of them. Not where something
// else reads the value between.
#include <algorithm>
#include <limits>
#include <optional>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/constants.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

struct Activation {
  std::string kind;
  std::vector<float> params = {};
};

std::optional<Activation> clip(const ir::Node* node) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const auto bound = [&](size_t i, float fallback) {
    return node->input(i) == nullptr ? std::optional(fallback) : scalar_constant(node->input(i));
  };
  const auto lo = bound(1, -kInf), hi = bound(2, kInf);
  if (!lo || !hi) return {};
  if (*lo == 0 && *hi == 6) return Activation{"relu6"};
  if (*lo == 0 && *hi >= std::numeric_limits<float>::max()) return Activation{"relu"};
  return Activation{"clip", {*lo, *hi}};
}

std::optional<Activation> activation_of(const ir::Node* node) {
  const std::string& op = node->op;
  const Attributes& a = node->attrs;
  if (op == "Relu") return Activation{"relu"};
  if (op == "Clip") return clip(node);
  if (op == "HardSwish") return Activation{"hard_swish"};
  if (op == "HardSigmoid") {
    return Activation{"hard_sigmoid", {a.get_float("alpha", 0.2f), a.get_float("beta", 0.5f)}};
  }
  if (op == "Sigmoid") return Activation{"sigmoid"};
  if (op == "Tanh") return Activation{"tanh"};
  if (op == "Swish" && a.get_float("alpha", 1) == 1) return Activation{"silu"};
  if (op == "LeakyRelu") return Activation{"leaky_relu", {a.get_float("alpha", 0.01f)}};
  if (op == "Gelu" && a.get_string("approximate", "none") == "none") return Activation{"gelu"};
  return {};
}

bool takes_activation(const ir::Node* node) {
  const ops::OpDef* op = ops::find(node->op);
  const auto specs = op->schema.get().attrs;
  return std::any_of(specs.begin(), specs.end(),
                     [](const AttrSpec& s) { return s.name == "activation_params"; });
}

bool fuse(ir::Graph& graph, ir::Node* node) {
  ir::Value* between = node->input(0);
  if (between == nullptr || between->producer == nullptr || between->is_constant()) return false;
  ir::Node* before = between->producer;
  if (between->uses.size() != 1 || graph.is_output(between) || before->outputs.size() != 1) {
    return false;
  }
  if (!takes_activation(before) || before->attrs.get_string("activation", "none") != "none") {
    return false;
  }
  if (between->type.dtype != DType::f32 || node->output(0)->type.dtype != DType::f32) return false;
  const auto activation = activation_of(node);
  if (!activation) return false;
  before->attrs.set("activation", activation->kind);
  if (!activation->params.empty()) before->attrs.set("activation_params", activation->params);
  graph.replace_uses(node->output(0), between);
  return true;
}

const ir::Rule kClampRules[] = {{"fuse", {"Relu", "Clip"}, fuse}};
const ir::Rule kRules[] = {
    {"fuse", {"HardSwish", "HardSigmoid", "Sigmoid", "Tanh", "Swish", "LeakyRelu", "Gelu"}, fuse}};

}  // namespace

Result<int> fuse_clamp(ir::Graph& graph) { return ir::rewrite(graph, kClampRules); }
Result<int> fuse_activation(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
