// SPDX-License-Identifier: Apache-2.0
#include "ops/split/rules.h"

#include "ops/onnx_rules.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {
Result<int64_t> constant_axis(const ir::Node& node, size_t input, const char* what) {
  FETTLE_ASSIGN(const Tensor* axis, constant_input(node, input, what));
  if (axis->elements() != 1) return invalid_input("its axis is not one number", node.label());
  return to_int64(axis->view())[0];
}
}  // namespace

Status read_split(ir::Graph& graph, ir::Node* node, int) {
  ints_to_input(graph, node, "split", 1);
  return {};
}

// ONNX wants the number of parts where it is not told their sizes, and only there.
Status write_split(ir::Graph&, ir::Node* node) {
  if (node->input(1) != nullptr) {
    node->attrs.erase("num_outputs");
  } else if (!node->attrs.has("num_outputs")) {
    node->attrs.set("num_outputs", static_cast<int64_t>(node->outputs.size()));
  }
  return {};
}

// Inputs: axis, x.
Status from_tflite_split(ir::Graph& graph, ir::Node* node) {
  FETTLE_TRY(need_inputs(*node, 2));
  FETTLE_ASSIGN(const int64_t axis, constant_axis(*node, 0, "SPLIT: its axis"));
  graph.set_input(node, 0, node->inputs[1]);
  graph.set_input(node, 1, nullptr);
  node->inputs.resize(1);
  node->op = "Split";
  node->attrs = {{"axis", axis}};
  return {};
}

// Inputs: x, sizes (one may be -1: the rest), axis.
Status from_tflite_split_v(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const int64_t axis, constant_axis(*node, 2, "SPLIT_V: its axis"));
  FETTLE_ASSIGN(const Tensor* given, constant_input(*node, 1, "SPLIT_V: its sizes"));
  std::vector<int64_t> sizes = to_int64(given->view());
  for (int64_t s : sizes) {
    if (s < -1 || s > kMaxElements) return invalid_input("SPLIT_V: a size", node->label());
  }
  const Dims& dims = node->inputs[0]->type.dims;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] != -1) continue;
    const int64_t at = axis < 0 ? axis + dims.rank() : axis;
    if (at < 0 || at >= dims.rank()) return unsupported("SPLIT_V: size -1", node->label());
    int64_t rest = dims[static_cast<int>(at)] - 1;  // less the -1 itself
    for (int64_t s : sizes) rest -= s;
    sizes[i] = rest;
    break;
  }
  graph.set_input(node, 2, nullptr);
  node->inputs.resize(2);
  set_constant_input(graph, node, 1, "sizes", Tensor::vector<int64_t>(sizes));
  node->op = "Split";
  node->attrs = {{"axis", axis}};
  return {};
}

Status from_tflite_unpack(ir::Graph& graph, ir::Node* node) {
  const int64_t axis = node->attrs.get_int("axis");
  ir::Value* axes =
      graph.add_constant(node->outputs[0]->name + "/axes", Tensor::of<int64_t>({1}, {axis}));
  const auto next = std::next(node->position);
  ir::Node* before = next == graph.nodes().end() ? nullptr : next->get();
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    ir::Value* out = node->outputs[i];
    if (out == nullptr) continue;
    ir::Value* part = graph.add_value(out->name + "/part");
    part->type.quant = out->type.quant;
    part->producer = node;
    part->output_index = static_cast<int>(i);
    node->outputs[i] = part;
    graph.add_node_with_outputs("Squeeze", {part, axes}, {out}, {}, before);
  }
  node->op = "Split";
  node->attrs = {{"axis", axis}};
  return {};
}

}  // namespace fettle::ops
