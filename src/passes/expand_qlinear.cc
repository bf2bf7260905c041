// SPDX-License-Identifier: Apache-2.0
#include "passes/expand_qlinear.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "ops/qlinear/qlinear.h"
#include "ops/quantize_linear/bias.h"

namespace fettle::passes {

namespace {

// A range as QuantizeLinear's operands give it.
struct Range {
  ir::Value *scale, *zero;
};
using Ranges = std::unordered_map<const ir::Value*, Range>;

// Operators that ONNX lets move codes: each output is of elements of input 0.
constexpr std::array<std::string_view, 10> kMoves = {"MaxPool",   "Reshape",  "Flatten", "Squeeze",
                                                     "Unsqueeze", "Identity", "Slice",   "Split",
                                                     "Transpose", "Gather"};

bool is_number(const ir::Value* v) {
  return v != nullptr && v->is_constant() && v->data->elements() == 1;
}
bool is_range(const Range& r) {
  return is_number(r.scale) && r.scale->data->dtype() == DType::f32 && is_number(r.zero) &&
         ops::is_byte(r.zero->view());
}

// Constant weights with a constant range, one or one an index of `axis`.
bool are_weights(const ir::Value* w, const Range& range, int axis) {
  for (const ir::Value* v :
       {static_cast<const ir::Value*>(range.scale), static_cast<const ir::Value*>(range.zero), w}) {
    if (v == nullptr || !v->is_constant()) return false;
  }
  const Tensor &scale = *range.scale->data, &zero = *range.zero->data;
  const int64_t count = scale.elements();
  return ops::is_byte(w->view()) && zero.dtype() == w->data->dtype() &&
         scale.dtype() == DType::f32 && zero.elements() == count &&
         (count == 1 || (scale.dims().rank() == 1 && count == w->data->dims()[axis]));
}

ir::Value* dequantized(ir::Graph& graph, ir::Value* codes, const Range& range, int64_t axis,
                       ir::Node* before) {
  return graph
      .add_node("DequantizeLinear", {codes, range.scale, range.zero}, 1, {{"axis", axis}}, before)
      ->outputs[0];
}

// The node makes `y`'s codes, of this range, in place of what made them.
void quantize_to(ir::Graph& graph, ir::Value* result, const Range& range, ir::Value* y,
                 ir::Node* before, Ranges& ranges) {
  ir::Node* q = graph.add_node("QuantizeLinear", {result, range.scale, range.zero}, 1, {}, before);
  graph.replace_uses(y, q->outputs[0]);
  ranges.emplace(q->outputs[0], range);
}

void read_quantizer(const ir::Node& node, Ranges& ranges) {
  if (node.op != "QuantizeLinear" || node.output(0) == nullptr) return;
  const Range range{node.input(1), node.input(2)};
  if (is_range(range)) ranges.emplace(node.output(0), range);
}

bool same(const Range& a, const Range& b) {
  return to_float(a.scale->data->view()) == to_float(b.scale->data->view()) &&
         a.zero->data->dtype() == b.zero->data->dtype() &&
         to_int64(a.zero->data->view()) == to_int64(b.zero->data->view());
}

bool expand_product(ir::Graph& graph, ir::Node* node, Ranges& ranges) {
  const bool conv = node->op == "QLinearConv";
  if (!conv && node->op != "QLinearMatMul") return false;
  ir::Value *x = node->input(0), *w = node->input(3), *bias = node->input(8);
  const Range of_w{node->input(4), node->input(5)};
  const auto of_x = ranges.find(x);
  const Range in{node->input(1), node->input(2)}, out{node->input(6), node->input(7)};
  if (of_x == ranges.end() || node->output(0) == nullptr) return false;
  if (!is_range(in) || !is_range(out)) return false;
  if (!same(in, of_x->second) || in.zero->data->dtype() != out.zero->data->dtype()) return false;
  if (w == nullptr || !w->is_constant()) return false;
  const int rank = w->data->dims().rank(), axis = conv ? 0 : 1;
  if (conv ? rank < 3 : rank != 2) return false;
  if (!are_weights(w, of_w, axis)) return false;
  std::vector<ir::Value*> operands = {nullptr, nullptr};
  if (bias != nullptr) {
    if (!bias->is_constant() || bias->data->dtype() != DType::i32) return false;
    operands.push_back(ops::dequantized_bias(graph, node, bias, in.scale, of_w.scale));
  }
  operands[0] = dequantized(graph, x, in, 0, node);
  operands[1] = dequantized(graph, w, of_w, axis, node);
  ir::Node* made = graph.add_node(conv ? "Conv" : "MatMul", operands, 1, node->attrs, node);
  made->name = node->name;
  quantize_to(graph, made->outputs[0], out, node->outputs[0], node, ranges);
  return true;
}

bool expand_move(ir::Graph& graph, ir::Node* node, Ranges& ranges) {
  if (std::find(kMoves.begin(), kMoves.end(), node->op) == kMoves.end()) return false;
  const auto found = ranges.find(node->input(0));
  if (found == ranges.end()) return false;
  const auto& made = node->outputs;
  if (node->op == "MaxPool" && made.size() != 1) return false;  // indices are no codes
  if (std::find(made.begin(), made.end(), nullptr) != made.end()) return false;
  const Range range = found->second;
  std::vector<ir::Value*> operands = node->inputs;
  operands[0] = dequantized(graph, operands[0], range, 0, node);
  ir::Node* on_floats =
      graph.add_node(node->op, operands, static_cast<int>(made.size()), node->attrs, node);
  on_floats->name = node->name;
  for (size_t i = 0; i < made.size(); ++i) {
    quantize_to(graph, on_floats->outputs[i], range, made[i], node, ranges);
  }
  return true;
}

}  // namespace

int expand_qlinear(ir::Graph& graph) {
  Ranges ranges;
  int expanded = 0;
  for (const auto& owned : graph.nodes()) {  // new ones are put before the one they replace
    ir::Node* node = owned.get();
    read_quantizer(*node, ranges);
    if (expand_product(graph, node, ranges) || expand_move(graph, node, ranges)) ++expanded;
  }
  graph.erase_dead();
  return expanded;
}

}  // namespace fettle::passes
