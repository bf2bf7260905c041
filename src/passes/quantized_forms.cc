// SPDX-License-Identifier: Apache-2.0
#include "passes/quantized_forms.h"

#include <algorithm>

#include "ops/evaluate.h"
#include "passes/tabulate.h"

namespace fettle::passes {

namespace {

bool is_quantized(const ir::Value* v) { return v != nullptr && v->type.quant != nullptr; }

// ONNX's number of an element type, for QuantizeLinear's output_dtype.
int64_t onnx_number(DType type) {
  switch (type) {
    case DType::u8:
      return 2;
    case DType::i16:
      return 5;
    default:
      return 3;  // i8
  }
}

// DequantizeLinear and QuantizeLinear without scales take them from the quantized value itself.
void wrap_in_float(ir::Graph& graph, ir::Node* node) {
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    ir::Value* v = node->inputs[i];
    if (!is_quantized(v)) continue;
    ir::Node* real = graph.add_node("DequantizeLinear", {v}, 1, {}, node);
    real->name = v->name + "/real";
    graph.set_input(node, i, real->outputs[0]);
  }
  const auto next = std::next(node->position);
  ir::Node* after = next == graph.nodes().end() ? nullptr : next->get();
  for (ir::Value* y : node->outputs) {
    if (!is_quantized(y)) continue;
    ir::Node* code = graph.add_node("QuantizeLinear", {nullptr}, 1,
                                    {{"output_dtype", onnx_number(y->type.dtype)}}, after);
    code->name = node->name + "/code";
    code->outputs[0]->type.quant = std::move(y->type.quant);
    y->type.quant = nullptr;
    graph.replace_uses(y, code->outputs[0]);
    graph.set_input(code, 0, y);
  }
}

}  // namespace

bool touches_quantized(const ir::Node& node) {
  return std::any_of(node.inputs.begin(), node.inputs.end(), is_quantized) ||
         std::any_of(node.outputs.begin(), node.outputs.end(), is_quantized);
}

Result<bool> give_quantized_form(ir::Graph& graph, ir::Node* node) {
  if (!touches_quantized(*node)) return false;
  for (const char* changes_quantization : {"QuantizeLinear", "DequantizeLinear", "Requantize"}) {
    if (node->op == changes_quantization) return false;
  }
  const ops::OpDef* op = ops::find(node->op);
  if (op == nullptr) return false;
  for (const ir::Value* v : node->inputs) {
    if (v != nullptr && !v->type.known()) return false;
  }
  std::vector<TensorView> in, out(node->outputs.size());
  for (const ir::Value* v : node->inputs) in.push_back(v ? v->view() : TensorView{});
  for (size_t i = 0; i < out.size(); ++i) {
    if (node->outputs[i]) out[i].quant = node->outputs[i]->type.quant.get();
  }
  const Status status = ops::infer(*op, {node->attrs, in, out});
  if (status.ok()) return false;
  if (op->quant.applies() && op->quant.get() == ops::QuantRule::table) {
    FETTLE_ASSIGN(const ir::Node* lookup, look_up_instead(graph, node, *op));
    if (lookup != nullptr) return true;
  }
  if (status.code() != Code::unsupported) return false;
  wrap_in_float(graph, node);
  return true;
}

}  // namespace fettle::passes
