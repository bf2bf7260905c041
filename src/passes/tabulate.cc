// SPDX-License-Identifier: Apache-2.0
#include "passes/tabulate.h"

#include <cmath>
#include <optional>

#include "base/requantize.h"
#include "ops/evaluate.h"
#include "passes/wide_tables.h"

namespace fettle::passes {

namespace {

constexpr int64_t kWideCodes = 65536;

bool is_code(const ir::Value* v) {
  return v != nullptr && v->type.quant != nullptr && v->type.quant->per_tensor();
}

bool maps_one_code(const ir::Node& node) {
  const ir::Value *x = node.input(0), *y = node.output(0);
  if (node.outputs.size() != 1 || !is_code(x) || !is_code(y) || x->is_constant()) return false;
  const DType type = x->type.dtype;
  return (type == DType::i8 || type == DType::i16) &&
         (y->type.dtype == type || y->type.dtype == DType::none);
}

// What the function makes of the codes first, first + 1, ..., as the real numbers that they stand
// for; empty where another operand is no constant number, or the result no float.
Result<std::vector<float>> results(const ir::Node& node, const ops::OpDef& op, int64_t first,
                                   int64_t count) {
  const Quantization& q = *node.input(0)->type.quant;
  Tensor reals(DType::f32, {count});
  for (int64_t i = 0; i < count; ++i) {
    reals.mutable_data<float>()[static_cast<size_t>(i)] =
        q.scale[0] * static_cast<float>(first + i - q.zero_point[0]);
  }
  std::vector<TensorView> in{reals.view()};
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const ir::Value* v = node.inputs[i];
    const bool number =
        v == nullptr || (v->is_constant() && v->data->elements() == 1 && v->type.quant == nullptr);
    if (!number) return std::vector<float>();
    in.push_back(v ? v->view() : TensorView{});
  }
  FETTLE_ASSIGN(const std::vector<Tensor> out, ops::evaluate(op, node.attrs, in, 1));
  if (out[0].dtype() != DType::f32 || out[0].elements() != count) return std::vector<float>();
  const auto y = out[0].data<float>();
  return std::vector<float>(y.begin(), y.end());
}

// In steps of the result. What is not a number becomes code 0, as by QuantizeLinear.
void divide(std::vector<float>* reals, const Quantization& q) {
  for (float& real : *reals) {
    const auto scaled = static_cast<float>(static_cast<double>(real) / q.scale[0]);
    real = std::isnan(scaled) ? static_cast<float>(-q.zero_point[0]) : scaled;
  }
}

Tensor narrow_table(const std::vector<float>& results, int32_t zero_point) {
  const Requantizer quantize{zero_point};
  std::vector<int8_t> codes;
  for (const float r : results) codes.push_back(static_cast<int8_t>(quantize(r)));
  return Tensor::of({static_cast<int64_t>(codes.size())}, std::span<const int8_t>(codes));
}

// Nothing where the node is no function of one code.
Result<std::optional<Tensor>> tabulate(const ir::Node& node, const ops::OpDef& op) {
  if (!maps_one_code(node)) return std::optional<Tensor>();
  const bool wide = node.input(0)->type.dtype == DType::i16;
  FETTLE_ASSIGN(auto found,
                wide ? results(node, op, -32768, kWideCodes + 1) : results(node, op, -128, 256));
  if (found.empty()) return std::optional<Tensor>();
  const Quantization& q = *node.output(0)->type.quant;
  divide(&found, q);
  return std::optional(wide ? smallest_wide_table(found) : narrow_table(found, q.zero_point[0]));
}

}  // namespace

Result<ir::Node*> look_up_instead(ir::Graph& graph, ir::Node* node, const ops::OpDef& op) {
  FETTLE_ASSIGN(std::optional<Tensor> table, tabulate(*node, op));
  if (!table) return static_cast<ir::Node*>(nullptr);
  ir::Value* y = node->output(0);
  ir::Value* constant = graph.add_constant(y->name + "/table", std::move(*table));
  ir::Node* lookup = graph.add_node("Lookup", {node->input(0), constant}, 1, {}, node);
  lookup->name = node->op + " " + node->name;
  lookup->outputs[0]->name = y->name;
  lookup->outputs[0]->type.quant = y->type.quant;
  graph.replace_uses(y, lookup->outputs[0]);
  graph.erase(node);
  return lookup;
}

}  // namespace fettle::passes
