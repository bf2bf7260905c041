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

// Only TFLite has a mode symmetric.
Status write_pad(ir::Graph&, ir::Node* node) {
  if (node->attrs.get_string("mode") != "symmetric") return {};
  return unsupported("Pad: ONNX has no mode 'symmetric'", node->label());
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
