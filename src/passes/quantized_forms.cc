// SPDX-License-Identifier: Apache-2.0
#include "passes/quantized_forms.h"

#include <algorithm>

#include "base/requantize.h"
#include "ops/evaluate.h"

namespace fettle::passes {

namespace {

constexpr int kCodes = 256;

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

// The results of `op` on every code, quantized; false where it is no function of one code.
Result<bool> tabulate(ir::Graph& graph, ir::Node* node, const ops::OpDef& op) {
  ir::Value *x = node->input(0), *y = node->output(0);
  const bool fits = is_quantized(x) && is_quantized(y) && x->type.dtype == DType::i8 &&
                    x->type.quant->per_tensor() && y->type.quant->per_tensor() &&
                    node->outputs.size() == 1 && !x->is_constant() &&
                    (y->type.dtype == DType::i8 || y->type.dtype == DType::none);
  if (!fits) return false;
  std::vector<TensorView> in;
  Tensor codes(DType::f32, {kCodes});
  for (int i = 0; i < kCodes; ++i) {
    codes.mutable_data<float>()[static_cast<size_t>(i)] =
        x->type.quant->scale[0] * static_cast<float>(i - 128 - x->type.quant->zero_point[0]);
  }
  in.push_back(codes.view());
  for (size_t i = 1; i < node->inputs.size(); ++i) {
    const ir::Value* v = node->inputs[i];
    if (v != nullptr && (!v->is_constant() || v->data->elements() != 1 || is_quantized(v))) {
      return false;
    }
    in.push_back(v ? v->view() : TensorView{});
  }
  auto reals = ops::evaluate(op, node->attrs, in, 1);
  if (!reals.ok()) return reals.take_status();
  if ((*reals)[0].dtype() != DType::f32 || (*reals)[0].elements() != kCodes) return false;
  const Requantizer quantize{y->type.quant->zero_point[0]};
  Tensor table(DType::i8, {kCodes});
  for (size_t i = 0; i < kCodes; ++i) {
    const float real = (*reals)[0].data<float>()[i];
    const float scaled = static_cast<float>(static_cast<double>(real) / y->type.quant->scale[0]);
    table.mutable_data<int8_t>()[i] = static_cast<int8_t>(quantize(scaled));
  }
  ir::Value* constant = graph.add_constant(y->name + "/table", std::move(table));
  ir::Node* lookup = graph.add_node("Lookup", {x, constant}, 1, {}, node);
  lookup->name = node->op + " " + node->name;
  lookup->outputs[0]->type.quant = y->type.quant;
  graph.replace_uses(y, lookup->outputs[0]);
  graph.erase(node);
  return true;
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
  if (op->quant.applies() && op->quant.get() == ops::QuantRule::table) {
    FETTLE_ASSIGN(const bool replaced, tabulate(graph, node, *op));
    if (replaced) return true;
  }
  std::vector<TensorView> in, out(node->outputs.size());
  for (const ir::Value* v : node->inputs) in.push_back(v ? v->view() : TensorView{});
  for (size_t i = 0; i < out.size(); ++i) {
    if (node->outputs[i]) out[i].quant = node->outputs[i]->type.quant.get();
  }
  const Status status = ops::infer(*op, {node->attrs, in, out});
  if (status.ok() || status.code() != Code::unsupported) return false;
  wrap_in_float(graph, node);
  return true;
}

}  // namespace fettle::passes
