// SPDX-License-Identifier: Apache-2.0
//
// Activations that exporters write out in pieces:
//   x * Sigmoid(x)                               ->  Swish(x)
//   x * HardSigmoid(x; 1/6, 1/2)                 ->  HardSwish(x)
//   x * Clip(x + 3, 0, 6) / 6, in any order      ->  HardSwish(x)
//   Clip(x + 3, 0, 6) / 6                        ->  HardSigmoid(x; 1/6, 1/2)
//   0.5 * x * (1 + Erf(x / sqrt(2)))             ->  Gelu(x)
#include <cmath>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/constants.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

bool near(std::optional<float> value, float target) {
  return value && std::fabs(*value - target) <= 1e-5f * std::fabs(target) + 1e-7f;
}

// The other operand of a two-operand node whose constant operand is `constant`; or nullptr.
ir::Value* operand_with(const ir::Node* node, float constant) {
  if (node == nullptr) return nullptr;
  const int c = constant_operand(node);
  if (c < 0 || !near(scalar_constant(node->inputs[static_cast<size_t>(c)]), constant)) {
    return nullptr;
  }
  return node->inputs[static_cast<size_t>(1 - c)];
}

// x of Clip(x + 3, 0, 6), or nullptr.
ir::Value* relu6_of_x_plus_3(const ir::Value* value) {
  const ir::Node* clip = ir::producer(value, "Clip");
  if (clip == nullptr || !near(scalar_constant(clip->input(1)), 0) ||
      !near(scalar_constant(clip->input(2)), 6)) {
    return nullptr;
  }
  return operand_with(ir::producer(clip->input(0), "Add"), 3);
}

// v / 6 or v * (1/6): v, or nullptr.
ir::Value* sixth_of(const ir::Node* node) {
  if (node->op == "Mul") return operand_with(node, 1.0f / 6);
  if (node->op != "Div" || !near(scalar_constant(node->input(1)), 6)) return nullptr;
  return node->input(0);
}

void replace(ir::Graph& graph, ir::Node* node, std::string_view op, ir::Value* x,
             Attributes attrs = {}) {
  graph.replace_uses(node->output(0), ops::build(graph, node, op, {x}, std::move(attrs)));
}

bool gated_product(ir::Graph& graph, ir::Node* node) {
  for (size_t i = 0; i < 2; ++i) {
    ir::Value* x = node->input(i);
    const ir::Value* gate = node->input(1 - i);
    if (const ir::Node* g = ir::producer(gate, "Sigmoid"); g && g->input(0) == x) {
      replace(graph, node, "Swish", x);
      return true;
    }
    if (const ir::Node* g = ir::producer(gate, "HardSigmoid"); g && g->input(0) == x) {
      if (!near(g->attrs.get_float("alpha", 0.2f), 1.0f / 6)) continue;
      if (!near(g->attrs.get_float("beta", 0.5f), 0.5f)) continue;
      replace(graph, node, "HardSwish", x);
      return true;
    }
  }
  return false;
}

bool hard_gate(ir::Graph& graph, ir::Node* node) {
  ir::Value* v = sixth_of(node);
  if (v == nullptr) return false;
  if (ir::Value* x = relu6_of_x_plus_3(v)) {
    replace(graph, node, "HardSigmoid", x, {{"alpha", 1.0f / 6}, {"beta", 0.5f}});
    return true;
  }
  const ir::Node* product = ir::producer(v, "Mul");
  for (size_t i = 0; product != nullptr && i < 2; ++i) {
    ir::Value* x = product->input(i);
    if (x != nullptr && relu6_of_x_plus_3(product->input(1 - i)) == x) {
      replace(graph, node, "HardSwish", x);
      return true;
    }
  }
  return false;
}

// 1 + Erf(x / sqrt(2)): x, or nullptr.
ir::Value* one_plus_erf(const ir::Value* value) {
  const ir::Node* erf = ir::producer(operand_with(ir::producer(value, "Add"), 1), "Erf");
  if (erf == nullptr) return nullptr;
  const ir::Node* div = ir::producer(erf->input(0), "Div");
  if (div && near(scalar_constant(div->input(1)), std::sqrt(2.0f))) return div->input(0);
  return operand_with(ir::producer(erf->input(0), "Mul"), std::sqrt(0.5f));
}

bool gelu(ir::Graph& graph, ir::Node* node) {
  // (x * (1 + erf)) * 0.5
  if (const ir::Node* product = ir::producer(operand_with(node, 0.5f), "Mul")) {
    for (size_t i = 0; i < 2; ++i) {
      ir::Value* x = product->input(i);
      if (x == nullptr || one_plus_erf(product->input(1 - i)) != x) continue;
      replace(graph, node, "Gelu", x);
      return true;
    }
  }
  // (x * 0.5) * (1 + erf)
  for (size_t i = 0; i < 2; ++i) {
    ir::Value* x = one_plus_erf(node->input(1 - i));
    if (x == nullptr || operand_with(ir::producer(node->input(i), "Mul"), 0.5f) != x) continue;
    replace(graph, node, "Gelu", x);
    return true;
  }
  return false;
}

bool float_result(const ir::Node* node) { return node->output(0)->type.dtype == DType::f32; }

bool product(ir::Graph& graph, ir::Node* node) {
  if (!float_result(node) || node->inputs.size() != 2 || !node->input(0) || !node->input(1)) {
    return false;
  }
  if (node->attrs.get_string("activation", "none") != "none") return false;
  if (node->op == "Mul" && (gated_product(graph, node) || gelu(graph, node))) return true;
  return hard_gate(graph, node);
}

const ir::Rule kRules[] = {{"product", {"Mul", "Div"}, product}};

}  // namespace

Result<int> recognize_activation(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
