// SPDX-License-Identifier: Apache-2.0
//
//   QuantizeLinear(Transpose(x))    ->  Transpose(QuantizeLinear(x))
//   Transpose(DequantizeLinear(q))  ->  DequantizeLinear(Transpose(q))
//
// so that codes are transposed, not floats of four times their bytes. Where there is one range, and
// nothing else reads the value between.
#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

// Whether `codes` has one range, by its type or by operands of one element.
bool has_one_range(const ir::Node* node, const ir::Value* codes) {
  if (codes->type.dynamic) return false;
  for (size_t i = 1; i < node->inputs.size(); ++i) {
    const ir::Value* operand = node->inputs[i];
    if (operand != nullptr && operand->type.dims.elements() != 1) return false;
  }
  return node->input(1) != nullptr || (codes->type.quant && codes->type.quant->per_tensor());
}

std::vector<ir::Value*> with_first(const ir::Node* node, ir::Value* first) {
  std::vector<ir::Value*> inputs = node->inputs;
  inputs[0] = first;
  return inputs;
}

ir::Value* transposed(ir::Graph& graph, ir::Node* before, ir::Value* x, const ir::Node* like) {
  const auto perm = like->attrs.get_ints("perm");
  return ops::transpose(graph, before, x, {perm.begin(), perm.end()});
}

bool after_quantize(ir::Graph& graph, ir::Node* node) {
  ir::Value* codes = node->output(0);
  const ir::Node* t = ir::only_use_producer(graph, node->input(0), "Transpose");
  if (t == nullptr || !has_one_range(node, codes)) return false;
  ir::Value* first = ops::build(graph, node, node->op, with_first(node, t->input(0)), node->attrs,
                                codes->type.quant);
  first->producer->name = node->name;
  graph.replace_uses(codes, transposed(graph, node, first, t));
  return true;
}

bool before_dequantize(ir::Graph& graph, ir::Node* node) {
  const ir::Node* d = ir::only_use_producer(graph, node->input(0), "DequantizeLinear");
  if (d == nullptr || !has_one_range(d, d->input(0))) return false;
  ir::Value* codes = transposed(graph, node, d->input(0), node);
  ir::Value* last = ops::build(graph, node, d->op, with_first(d, codes), d->attrs);
  last->producer->name = d->name;
  graph.replace_uses(node->output(0), last);
  return true;
}

const ir::Rule kRules[] = {
    {"after_quantize", {"QuantizeLinear"}, after_quantize},
    {"before_dequantize", {"Transpose"}, before_dequantize},
};

}  // namespace

Result<int> transpose_codes(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
