// SPDX-License-Identifier: Apache-2.0
#include "ops/reshape/rules.h"

#include "ops/onnx_rules.h"

namespace fettle::ops {

Status read_reshape(ir::Graph& graph, ir::Node* node, int) {
  node->attrs.erase("consumed_inputs");
  ints_to_input(graph, node, "shape", 1);
  return {};
}

Status read_axes_attribute(ir::Graph& graph, ir::Node* node, int) {
  ints_to_input(graph, node, "axes", 1);
  return {};
}

Status from_tflite_reshape(ir::Graph& graph, ir::Node* node) {
  node->op = "Reshape";
  // The input is what counts; the attribute is what old converters wrote.
  if (node->input(1) == nullptr) {
    if (!node->attrs.has("new_shape")) return invalid_input("RESHAPE without a shape");
    ints_to_input(graph, node, "new_shape", 1);
  }
  node->attrs = {{"allowzero", int64_t{1}}};  // TFLite's zero is an extent
  return {};
}

Status from_tflite_squeeze(ir::Graph& graph, ir::Node* node) {
  node->op = "Squeeze";
  if (!node->attrs.get_ints("squeeze_dims").empty()) {
    ints_to_input(graph, node, "squeeze_dims", 1);
  }
  node->attrs = {};
  return {};
}

}  // namespace fettle::ops
