// SPDX-License-Identifier: Apache-2.0
#include "ops/build.h"

#include <algorithm>

#include "ops/evaluate.h"
#include "ops/value_bounds.h"

namespace fettle::ops {

Status infer_node(ir::Node* node) {
  const OpDef* op = find(node->op);
  if (op == nullptr) return unsupported("operator '" + node->op + "' is not known");
  std::vector<TensorView> in, out(node->outputs.size());
  for (const ir::Value* v : node->inputs) in.push_back(v ? v->view() : TensorView{});
  for (size_t i = 0; i < out.size(); ++i) {
    if (node->outputs[i]) out[i].quant = node->outputs[i]->type.quant.get();
  }
  FETTLE_TRY(infer(*op, {node->attrs, in, out}));
  for (size_t i = 0; i < out.size(); ++i) {
    if (node->outputs[i] == nullptr) continue;
    ir::Type& type = node->outputs[i]->type;
    type.dtype = out[i].dtype;
    type.dims = out[i].dims;
    type.dynamic = out[i].dynamic;
    type.bounds = nullptr;
    if (out[i].quant != nullptr && (!type.quant || !(*type.quant == *out[i].quant))) {
      type.quant = std::make_shared<Quantization>(*out[i].quant);
    }
  }
  if (ir::Value* y = node->output(0)) y->type.bounds = derive_bounds(*node, y->type);
  return {};
}

ir::Value* build(ir::Graph& graph, ir::Node* before, std::string_view op,
                 std::vector<ir::Value*> inputs, Attributes attrs,
                 std::shared_ptr<const Quantization> quant) {
  const bool constant = std::all_of(inputs.begin(), inputs.end(), [](const ir::Value* v) {
    return v == nullptr || v->is_constant();
  });
  if (constant) {
    const OpDef* def = find(op);
    std::vector<TensorView> in;
    for (const ir::Value* v : inputs) in.push_back(v ? v->view() : TensorView{});
    const Quantization* stated[] = {quant.get()};
    auto made = evaluate(*def, attrs, in, 1, uint64_t{1} << 32, stated);
    assert(made.ok());
    return graph.add_constant(inputs[0]->name + "/" + std::string(op), std::move((*made)[0]));
  }
  ir::Node* node = graph.add_node(std::string(op), std::move(inputs), 1, std::move(attrs), before);
  node->outputs[0]->type.quant = std::move(quant);
  const Status status = infer_node(node);
  assert(status.ok());
  (void)status;
  return node->outputs[0];
}

ir::Value* constant_ints(ir::Graph& graph, std::span<const int64_t> values) {
  return graph.add_constant("", Tensor::vector<int64_t>(values));
}

ir::Value* constant_floats(ir::Graph& graph, std::span<const float> values) {
  return graph.add_constant("", Tensor::vector<float>(values));
}

ir::Value* transpose(ir::Graph& graph, ir::Node* before, ir::Value* value,
                     std::vector<int64_t> perm) {
  // Scales along an axis go with it. Only constants (weights) have them.
  if (value->is_constant() && value->type.quant && !value->type.quant->per_tensor()) {
    auto quant = std::make_shared<Quantization>(*value->type.quant);
    quant->axis = static_cast<int>(std::find(perm.begin(), perm.end(), quant->axis) - perm.begin());
    Tensor codes = *value->data;
    codes.set_quant(nullptr);
    ir::Value* moved = transpose(graph, before, graph.add_constant(value->name, std::move(codes)),
                                 std::move(perm));
    codes = *moved->data;
    codes.set_quant(quant);
    return graph.add_constant(moved->name, std::move(codes));
  }
  return build(graph, before, "Transpose", {value}, {{"perm", std::move(perm)}});
}

}  // namespace fettle::ops
