// SPDX-License-Identifier: Apache-2.0
//
// Identity, and Dropout as inference sees it.
#include <cstring>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer(const OpCall& call) {
  FETTLE_TRY(infer_same(call));
  call.out[0].quant = call.in[0].quant;
  return {};
}

Status reference(const OpCall& call) {
  if (call.out[0].data != call.in[0].data) {
    std::memcpy(call.out[0].data, call.in[0].data, call.in[0].bytes());
  }
  return {};
}

// before: y, mask = Dropout(x, ratio, training_mode)
// after:  y = Identity(x); mask = all true
Status from_dropout(ir::Graph& graph, ir::Node* node, int) {
  if (ir::Value* training = node->input(2)) {
    if (!training->is_constant() || training->type.dtype != DType::boolean ||
        training->data->elements() != 1) {
      return unsupported("Dropout: whether it trains depends on data");
    }
    if (training->data->data<bool>()[0]) {
      const ir::Value* ratio = node->input(1);
      if (ratio == nullptr || !ratio->is_constant() ||
          to_float(ratio->view()) != std::vector{0.0f}) {
        return unsupported("Dropout in training mode is random");
      }
    }
  }
  if (node->output(1) != nullptr) {
    ir::Node* shape = graph.add_node("Shape", {node->inputs[0]}, 1, {}, node);
    ir::Value* yes = graph.add_constant(node->outputs[1]->name + "/true", Tensor::scalar(true));
    ir::Value* mask = node->outputs[1];
    node->outputs.resize(1);
    graph.add_node_with_outputs("ConstantOfShape", {shape->outputs[0], yes}, {mask}, {}, node);
  }
  node->outputs.resize(1);
  while (node->inputs.size() > 1) {
    graph.set_input(node, node->inputs.size() - 1, nullptr);
    node->inputs.pop_back();
  }
  node->op = "Identity";
  node->attrs = {};
  return {};
}

std::vector<Case> cases() { return {{.name = "odd", .inputs = {f32({3, 5})}}}; }

constexpr OnnxRule kOnnx[] = {{"Identity"}, {"Dropout", 1, from_dropout}};
constexpr OpDef kOps[] = {{.name = "Identity",
                           .schema = Schema(1, 1, 1, 1),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = in_place_first,
                           .rows = kNotApplicable,
                           .quant = QuantRule::pass_through,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(identity, kOps)

}  // namespace fettle::ops
