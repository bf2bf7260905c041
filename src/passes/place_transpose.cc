// SPDX-License-Identifier: Apache-2.0
//
//   QuantizeLinear(Transpose(x))    ->  Transpose(QuantizeLinear(x))
//   Transpose(DequantizeLinear(q))  ->  DequantizeLinear(Transpose(q))
//   Transpose(Resize(x))            ->  Resize(Transpose(x))
//
// so that codes are transposed, not floats of four times their bytes, and an image before it is
// enlarged. Where nothing else reads the value between; codes of one range, a Resize that stays
// one of neighbouring axes.
#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/axis_rules.h"
#include "passes/passes.h"
#include "passes/permutation.h"

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

bool before_resize(ir::Graph& graph, ir::Node* node) {
  const ir::Node* r = ir::only_use_producer(graph, node->input(0), "Resize");
  const Perm perm = perm_of(node);
  if (r == nullptr || !is_rotation(perm) || r->output(0)->type.dynamic) return false;
  const ir::Type& from = r->input(0)->type;
  if (from.dynamic || from.dims.elements() >= r->output(0)->type.dims.elements()) return false;
  for (const ir::Value* v : {r->input(0), r->output(0)}) {
    if (v->type.quant && !v->type.quant->per_tensor()) return false;
  }
  std::vector<ir::Value*> inputs = r->inputs;
  Attributes attrs = r->attrs;
  Perm after = perm;
  if (!axis_rule("Resize")->rename(graph, *r, inverse(perm), &inputs, &attrs, &after)) return false;
  inputs[0] = transposed(graph, node, r->input(0), node);
  ir::Value* last = ops::build(graph, node, r->op, inputs, attrs, r->output(0)->type.quant);
  last->producer->name = r->name;
  graph.replace_uses(node->output(0), last);
  return true;
}

const ir::Rule kRules[] = {
    {"after_quantize", {"QuantizeLinear"}, after_quantize},
    {"before_dequantize", {"Transpose"}, before_dequantize},
    {"before_resize", {"Transpose"}, before_resize},
};

}  // namespace

Result<int> place_transpose(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
