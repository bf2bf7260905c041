// SPDX-License-Identifier: Apache-2.0
#include "passes/quantized_forms.h"

#include <algorithm>

#include "base/requantize.h"
#include "ops/evaluate.h"

namespace fettle::passes {

namespace {

constexpr int kCodes = 256;

bool is_quantized(const ir::Value* v) { return v != nullptr && v->type.quant != nullptr; }

// Numbers about a value's quantization, as inputs of QuantizeLinear and DequantizeLinear.
ir::Value* scales(ir::Graph& graph, const Quantization& q) {
  const Dims dims = q.per_tensor() ? Dims{} : Dims{static_cast<int64_t>(q.scale.size())};
  return graph.add_constant("scale", Tensor::of<float>(dims, std::span<const float>(q.scale)));
}

template <class T>
Tensor converted(const Quantization& q) {
  const Dims dims = q.per_tensor() ? Dims{} : Dims{static_cast<int64_t>(q.scale.size())};
  Tensor t(kDTypeOf<T>, dims);
  std::copy(q.zero_point.begin(), q.zero_point.end(), t.mutable_data<T>().begin());
  return t;
}

Result<ir::Value*> zero_points(ir::Graph& graph, const Quantization& q, DType dtype) {
  switch (dtype) {
    case DType::i8:
      return graph.add_constant("zero_point", converted<int8_t>(q));
    case DType::u8:
      return graph.add_constant("zero_point", converted<uint8_t>(q));
    case DType::i16:
      return graph.add_constant("zero_point", converted<int16_t>(q));
    case DType::i32:
      return graph.add_constant("zero_point", converted<int32_t>(q));
    default:
      return unsupported("quantized elements of type " + std::string(name_of(dtype)));
  }
}

Attributes axis_of(const Quantization& q) {
  return q.per_tensor() ? Attributes{} : Attributes{{"axis", int64_t{q.axis}}};
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

Status wrap_in_float(ir::Graph& graph, ir::Node* node) {
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    ir::Value* v = node->inputs[i];
    if (!is_quantized(v)) continue;
    FETTLE_ASSIGN(ir::Value * zero, zero_points(graph, *v->type.quant, v->type.dtype));
    ir::Node* real = graph.add_node("DequantizeLinear", {v, scales(graph, *v->type.quant), zero}, 1,
                                    axis_of(*v->type.quant), node);
    real->name = v->name + "/real";
    graph.set_input(node, i, real->outputs[0]);
  }
  const auto next = std::next(node->position);
  ir::Node* after = next == graph.nodes().end() ? nullptr : next->get();
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    ir::Value* y = node->outputs[i];
    if (!is_quantized(y)) continue;
    const std::shared_ptr<const Quantization> quant = y->type.quant;
    const DType dtype = y->type.dtype == DType::none ? DType::i8 : y->type.dtype;
    FETTLE_ASSIGN(ir::Value * zero, zero_points(graph, *quant, dtype));
    y->type.quant = nullptr;
    ir::Node* code = graph.add_node("QuantizeLinear", {nullptr, scales(graph, *quant), zero}, 1,
                                    axis_of(*quant), after);
    code->name = node->name + "/code";
    code->outputs[0]->type.quant = quant;
    graph.replace_uses(y, code->outputs[0]);
    graph.set_input(code, 0, y);
  }
  return {};
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
  const bool known_rule = op->quant.applies();
  if (known_rule && op->quant.get() == ops::QuantRule::table) {
    FETTLE_ASSIGN(const bool replaced, tabulate(graph, node, *op));
    if (replaced) return true;
  }
  if (!(known_rule && op->quant.get() == ops::QuantRule::keep_float)) {
    std::vector<TensorView> in, out(node->outputs.size());
    for (const ir::Value* v : node->inputs) in.push_back(v ? v->view() : TensorView{});
    for (size_t i = 0; i < out.size(); ++i) {
      if (node->outputs[i]) out[i].quant = node->outputs[i]->type.quant.get();
    }
    const Status status = ops::infer(*op, {node->attrs, in, out});
    if (status.ok() || status.code() != Code::unsupported) return false;
  }
  FETTLE_TRY(wrap_in_float(graph, node));
  return true;
}

}  // namespace fettle::passes
