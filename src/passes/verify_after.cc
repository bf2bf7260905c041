// SPDX-License-Identifier: Apache-2.0
#include "ops/evaluate.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

Status verify_node(const ir::Node& node) {
  const ops::OpDef* op = ops::find(node.op);
  if (op == nullptr) return invalid_input("operator is not known");
  FETTLE_TRY(ops::check_schema(*op, node.attrs, node.inputs.size(), node.outputs.size()));
  std::vector<TensorView> in, out(node.outputs.size());
  for (const ir::Value* v : node.inputs) in.push_back(v ? v->view() : TensorView{});
  FETTLE_TRY(ops::infer(*op, {node.attrs, in, out}));
  for (size_t i = 0; i < out.size(); ++i) {
    const ir::Value* v = node.outputs[i];
    if (v != nullptr && (v->type.dtype != out[i].dtype || !(v->type.dims == out[i].dims))) {
      return invalid_input("states " + v->type.dims.to_string() + " but makes " +
                           out[i].dims.to_string());
    }
  }
  return {};
}

}  // namespace

Status verify_after(const ir::Graph& graph) {
  for (const auto& node : graph.nodes()) {
    if (Status s = verify_node(*node); !s.ok()) return std::move(s).at("node " + node->label());
  }
  return {};
}

}  // namespace fettle::passes
