// SPDX-License-Identifier: Apache-2.0
#include "ops/unary/rules.h"

#include "ops/onnx_rules.h"

namespace fettle::ops {

Status from_fast_gelu(ir::Graph& graph, ir::Node* node, int) {
  if (node->inputs.size() == 2) {  // x + bias
    ir::Node* add = graph.add_node("Add", {node->inputs[0], node->inputs[1]}, 1, {}, node);
    graph.set_input(node, 0, add->outputs[0]);
    graph.set_input(node, 1, nullptr);
    node->inputs.pop_back();
  }
  node->op = "Gelu";
  node->attrs.set("approximate", "tanh");
  return {};
}
// x * sigmoid(alpha * x)
Status from_quick_gelu(ir::Graph&, ir::Node* node, int) {
  node->op = "Swish";
  if (!node->attrs.has("alpha")) node->attrs.set("alpha", 1.702f);
  return {};
}

Status from_swiglu(ir::Graph& graph, ir::Node* node, int) {
  ir::Value* b = node->input(1);
  if (b == nullptr) return invalid_input("SwiGLU has two operands");
  graph.set_input(node, 1, nullptr);
  node->inputs.resize(1);
  node->op = "Swish";
  graph.set_input(append_node(graph, node, "Mul"), 1, b);
  return {};
}

Status from_tflite_gelu(ir::Graph&, ir::Node* node) {
  const bool approximate = node->attrs.get_int("approximate") != 0;
  node->op = "Gelu";
  node->attrs.set("approximate", approximate ? "tanh" : "none");
  return {};
}
// 1 / sqrt(x)
Status from_tflite_rsqrt(ir::Graph& graph, ir::Node* node) {
  node->op = "Sqrt";
  append_node(graph, node, "Reciprocal");
  return {};
}

// Opset 21 has no Swish: x * sigmoid(alpha * x).
Status swish_to_onnx(ir::Graph& graph, ir::Node* node) {
  ir::Value* x = node->inputs[0];
  const float alpha = node->attrs.get_float("alpha", 1.0f);
  ir::Value* scaled = x;
  if (alpha != 1) {
    if (x->type.dtype != DType::f32) return unsupported("Swish of another type", node->label());
    ir::Value* factor =
        graph.add_constant(node->outputs[0]->name + "/alpha", Tensor::scalar(alpha));
    scaled = graph.add_node("Mul", {x, factor}, 1, {}, node)->outputs[0];
  }
  ir::Value* gate = graph.add_node("Sigmoid", {scaled}, 1, {}, node)->outputs[0];
  node->op = "Mul";
  node->attrs.erase("alpha");
  graph.set_input(node, 1, gate);
  return {};
}

}  // namespace fettle::ops
