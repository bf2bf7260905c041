// SPDX-License-Identifier: Apache-2.0
#include "ops/verify.h"

#include "ops/control/branches.h"
#include "ops/evaluate.h"

namespace fettle::ops {

namespace {

std::string shown(DType dtype, const Dims& dims, bool dynamic) {
  return std::string(name_of(dtype)) + " " + dims.to_string() + (dynamic ? " at most" : "");
}

Status verify_branches(const ir::Node& node) {
  for (const auto& branch : node.subgraphs) {
    FETTLE_TRY(verify(*branch));
    for (size_t i = 0; i < branch->inputs().size(); ++i) {
      const ir::Value* given = node.input(i + 1);
      if (given != nullptr && given->type == branch->inputs()[i].value->type) continue;
      return invalid_input("its branches were made for an operand of another type");
    }
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == nullptr) continue;
    FETTLE_ASSIGN(const ir::Type made, branch_type(node, i));
    const ir::Type& t = node.outputs[i]->type;
    if (!(made == t)) {
      return invalid_input("states " + shown(t.dtype, t.dims, t.dynamic) + " but makes " +
                           shown(made.dtype, made.dims, made.dynamic));
    }
  }
  return {};
}

Status verify_node(const ir::Node& node) {
  if (has_branches(node)) return verify_branches(node);
  const OpDef* op = find(node.op);
  if (op == nullptr) return invalid_input("operator is not known");
  FETTLE_TRY(check_schema(*op, node.attrs, node.inputs.size(), node.outputs.size()));
  std::vector<TensorView> in, out(node.outputs.size());
  for (const ir::Value* v : node.inputs) in.push_back(v ? v->view() : TensorView{});
  for (size_t i = 0; i < out.size(); ++i) {
    if (node.outputs[i]) out[i].quant = node.outputs[i]->type.quant.get();
  }
  FETTLE_TRY(infer(*op, {node.attrs, in, out}));
  for (size_t i = 0; i < out.size(); ++i) {
    if (node.outputs[i] == nullptr) continue;
    const ir::Type& t = node.outputs[i]->type;
    if (t.dtype != out[i].dtype || !(t.dims == out[i].dims) || t.dynamic != out[i].dynamic) {
      return invalid_input("states " + shown(t.dtype, t.dims, t.dynamic) + " but makes " +
                           shown(out[i].dtype, out[i].dims, out[i].dynamic));
    }
    if (out[i].quant && (!t.quant || !(*out[i].quant == *t.quant))) {
      return invalid_input("output " + std::to_string(i) + " states another quantization");
    }
  }
  return {};
}

}  // namespace

Status verify(const ir::Graph& graph) {
  for (const auto& node : graph.nodes()) {
    if (Status s = verify_node(*node); !s.ok()) return std::move(s).at("node " + node->label());
  }
  return {};
}

}  // namespace fettle::ops
