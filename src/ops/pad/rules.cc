// SPDX-License-Identifier: Apache-2.0
#include "ops/pad/rules.h"

#include "ops/onnx_rules.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

// Opset 1 named the attribute paddings, up to 10 pads and value were attributes.
Status read_pad(ir::Graph& graph, ir::Node* node, int opset) {
  if (opset >= 11) return {};
  ints_to_input(graph, node, "paddings", 1);
  ints_to_input(graph, node, "pads", 1);
  if (const float value = node->attrs.get_float("value"); value != 0) {
    set_constant_input(graph, node, 2, "value", Tensor::scalar(value));
  }
  node->attrs.erase("value");
  return {};
}

// Axes came with opset 18, wrap with 19, and nobody else has symmetric.
Status write_pad(ir::Graph& graph, ir::Node* node) {
  const std::string_view mode = node->attrs.get_string("mode", "constant");
  if (mode == "wrap" || mode == "symmetric") {
    return unsupported("Pad: opset 17 has no mode '" + std::string(mode) + "'", node->label());
  }
  if (node->input(3) == nullptr) return {};
  FETTLE_ASSIGN(const Tensor* axes, constant_input(*node, 3, "Pad: its axes"));
  FETTLE_ASSIGN(const Tensor* pads, constant_input(*node, 1, "Pad: its pads"));
  const std::vector<int64_t> given = to_int64(axes->view()), amounts = to_int64(pads->view());
  const int rank = node->inputs[0]->type.dims.rank();
  std::vector<int64_t> all(static_cast<size_t>(2 * rank));
  for (size_t k = 0; k < given.size(); ++k) {
    const auto axis = static_cast<size_t>(given[k] < 0 ? given[k] + rank : given[k]);
    all[axis] = amounts[k];
    all[axis + static_cast<size_t>(rank)] = amounts[k + given.size()];
  }
  graph.set_input(node, 3, nullptr);
  node->inputs.resize(3);
  set_constant_input(graph, node, 1, "pads", Tensor::vector<int64_t>(all));
  return {};
}

// TFLite keeps a [rank, 2] table of before and after.
Status from_tflite_pad(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const Tensor* table, constant_input(*node, 1, "PAD: its paddings"));
  const std::vector<int64_t> given = to_int64(table->view());
  const size_t rank = given.size() / 2;
  std::vector<int64_t> pads(rank * 2);
  for (size_t i = 0; i < rank; ++i) {
    pads[i] = given[2 * i];
    pads[i + rank] = given[2 * i + 1];
  }
  node->op = "Pad";
  node->attrs = {};
  set_constant_input(graph, node, 1, "pads", Tensor::vector<int64_t>(pads));
  return {};
}

Status from_tflite_mirror_pad(ir::Graph& graph, ir::Node* node) {
  const std::string mode(node->attrs.get_string("mode", "REFLECT"));
  FETTLE_TRY(from_tflite_pad(graph, node));
  node->attrs.set("mode", mode == "SYMMETRIC" ? "symmetric" : "reflect");
  return {};
}

}  // namespace fettle::ops
