// SPDX-License-Identifier: Apache-2.0
#include "passes/tabulate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/requantize.h"
#include "ops/evaluate.h"
#include "ops/lookup/lookup.h"

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

template <class T>
std::vector<T> codes_of(const std::vector<float>& reals, const Quantization& q) {
  const Requantizer quantize{q.zero_point[0], std::numeric_limits<T>::min(),
                             std::numeric_limits<T>::max()};
  std::vector<T> codes;
  codes.reserve(reals.size());
  for (float real : reals) {
    const auto scaled = static_cast<float>(static_cast<double>(real) / q.scale[0]);
    // What is not a number becomes code 0, as by QuantizeLinear.
    codes.push_back(std::isnan(scaled) ? T{0} : static_cast<T>(quantize(scaled)));
  }
  return codes;
}

// The entries of a table that has one every 2^shift codes.
std::vector<int16_t> every(const std::vector<int16_t>& codes, int shift) {
  std::vector<int16_t> entries;
  for (size_t i = 0; i < codes.size(); i += size_t{1} << shift) entries.push_back(codes[i]);
  return entries;
}

// Whether the table is nowhere more than one step outside the results of a code and its neighbours.
bool is_good(const std::vector<int16_t>& table, int shift, const std::vector<int16_t>& codes) {
  const auto wide_codes = static_cast<size_t>(kWideCodes);
  for (size_t i = 0; i < wide_codes; ++i) {
    const int got =
        ops::look_up(table.data(), shift, static_cast<int16_t>(static_cast<int>(i) - 32768));
    const auto [least, most] = std::minmax({codes[i], codes[i > 0 ? i - 1 : i], codes[i + 1]});
    if (got < least - 1 || got > most + 1) return false;
  }
  return true;
}

// `codes` of every input code, and of one past the largest.
std::vector<int16_t> smallest_table(const std::vector<int16_t>& codes) {
  for (int shift = ops::kMostTableShift; shift > 0; --shift) {
    std::vector<int16_t> table = every(codes, shift);
    if (is_good(table, shift, codes)) return table;
  }
  return codes;
}

template <class T>
Tensor as_tensor(const std::vector<T>& entries) {
  return Tensor::of({static_cast<int64_t>(entries.size())}, std::span<const T>(entries));
}

// Nothing where the node is no function of one code.
Result<std::optional<Tensor>> tabulate(const ir::Node& node, const ops::OpDef& op) {
  if (!maps_one_code(node)) return std::optional<Tensor>();
  const bool wide = node.input(0)->type.dtype == DType::i16;
  FETTLE_ASSIGN(const auto reals,
                wide ? results(node, op, -32768, kWideCodes + 1) : results(node, op, -128, 256));
  if (reals.empty()) return std::optional<Tensor>();
  const Quantization& q = *node.output(0)->type.quant;
  return std::optional(wide ? as_tensor(smallest_table(codes_of<int16_t>(reals, q)))
                            : as_tensor(codes_of<int8_t>(reals, q)));
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
