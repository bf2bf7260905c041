// SPDX-License-Identifier: Apache-2.0
//
//   f(Transpose(x))                    ->  Transpose(f'(x))
//   Transpose(Transpose(x))            ->  x, where they undo each other
//
// for transposes from channels-last to channels-first: f is elementwise, has axes that can be
// renamed (f'), or is a Reshape that splits and merges them. They move towards the next
// channels-last operator, whose own transpose they meet. Not through what has no axes to rename
// (MatMul, a Reshape that mixes them).
#include <algorithm>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/axis_rules.h"
#include "passes/passes.h"
#include "passes/permutation.h"
#include "passes/reshape_axes.h"

namespace fettle::passes {

namespace {

bool in_order(const Perm& perm) { return std::is_sorted(perm.begin(), perm.end()); }

// The transpose that makes a value, if it is one that moves behind such an operator.
ir::Node* transpose_before(const ir::Value* value, const AxisRule& rule) {
  ir::Node* t = ir::producer(value, "Transpose");
  return t && (rule.shrinks || is_rotation(perm_of(t))) ? t : nullptr;
}

// The operand as it is before the transpose `perm`: x of Transpose(x), a constant transposed
// back, one element as it is. nullptr: there is no such thing for free.
ir::Value* before_transpose(ir::Graph& graph, ir::Node* node, ir::Value* v, const Perm& perm) {
  if (ir::Node* t = ir::producer(v, "Transpose")) {
    if (perm_of(t) == perm) return t->input(0);
  }
  const auto rank = static_cast<int>(perm.size());
  if (v->type.dims.elements() == 1 && v->type.dims.rank() <= 1) return v;
  if (!v->is_constant() || v->type.dims.rank() > rank) return nullptr;
  std::vector<int64_t> shape(static_cast<size_t>(rank - v->type.dims.rank()), 1);
  shape.insert(shape.end(), v->type.dims.begin(), v->type.dims.end());
  if (v->type.dims.elements() == 0) return nullptr;
  if (v->type.quant && !v->type.quant->per_tensor()) return nullptr;
  if (v->type.dims.rank() < rank) {
    v = ops::build(graph, node, "Reshape", {v, ops::constant_ints(graph, shape)});
  }
  return ops::transpose(graph, node, v, inverse(perm));
}

bool sink(ir::Graph& graph, ir::Node* node) {
  const AxisRule* rule = axis_rule(node->op);
  if (rule == nullptr) return false;
  ir::Node* t = nullptr;
  for (size_t i = 0; i < node->inputs.size() && t == nullptr; ++i) {
    t = node->inputs[i] ? transpose_before(node->inputs[i], *rule) : nullptr;
  }
  if (t == nullptr) return false;
  for (const ir::Value* o : node->outputs) {
    if (o == nullptr || o->type.dynamic) return false;
  }
  const Perm perm = perm_of(t);
  std::vector<ir::Value*> inputs = node->inputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool tensor = rule->tensors < 0 || static_cast<int>(i) < rule->tensors;
    if (inputs[i] == nullptr || !tensor) continue;
    if (inputs[i]->type.dynamic) return false;
    inputs[i] = before_transpose(graph, node, inputs[i], perm);
    if (inputs[i] == nullptr) return false;
  }
  Attributes attrs = node->attrs;
  Perm after = perm;
  if (!rule->rename(graph, *node, perm, &inputs, &attrs, &after)) return false;
  ir::Node* moved = graph.add_node(node->op, inputs, static_cast<int>(node->outputs.size()),
                                   std::move(attrs), node);
  moved->name = node->name;
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    moved->outputs[i]->type.quant = node->outputs[i]->type.quant;
  }
  if (!ops::infer_node(moved).ok()) {
    assert(false && "an axis rule made an invalid node");
    return false;
  }
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    ir::Value* back =
        after.empty() ? moved->outputs[i] : ops::transpose(graph, node, moved->outputs[i], after);
    assert(back->type.dims == node->outputs[i]->type.dims);
    graph.replace_uses(node->outputs[i], back);
  }
  return true;
}

bool cancel(ir::Graph& graph, ir::Node* node) {
  ir::Node* before = ir::producer(node->input(0), "Transpose");
  if (before == nullptr) return false;
  const Perm first = perm_of(before), second = perm_of(node);
  if (first.size() != second.size()) return false;
  Perm both;
  for (int64_t p : second) both.push_back(first[static_cast<size_t>(p)]);
  ir::Value* x = before->input(0);
  if (in_order(both)) {
    if (graph.is_output(node->output(0)) && x->producer == nullptr) return false;
    graph.replace_uses(node->output(0), x);
  } else {
    graph.replace_uses(node->output(0), ops::transpose(graph, node, x, both));
  }
  return true;
}

ir::Value* reshaped(ir::Graph& graph, ir::Node* before, ir::Value* x, const Perm& shape) {
  return ops::build(graph, before, "Reshape", {x, ops::constant_ints(graph, shape)});
}

// Whether the output is of the input's type and range, and of one that any reshape keeps.
bool keeps_range(const ir::Node* node) {
  const auto &from = node->input(0)->type.quant, &to = node->output(0)->type.quant;
  if (from == nullptr || to == nullptr) return from == to;
  return *from == *to && from->per_tensor();
}

// A transposition inside an axis stays where it is, so that only a rotation is worth taking from
// it; and what others read too is not made twice for less.
bool reshape(ir::Graph& graph, ir::Node* node) {
  const ir::Node* t = ir::producer(node->input(0), "Transpose");
  if (t == nullptr || !keeps_range(node) || node->output(0)->type.dynamic) return false;
  const Perm perm = perm_of(t);
  const bool alone = ir::only_use_producer(graph, node->input(0), "Transpose") != nullptr;
  if (!alone && !is_rotation(perm)) return false;
  const auto moved = move_reshape(perm, node->input(0)->type.dims, node->output(0)->type.dims);
  if (!moved) return false;
  ir::Value* x = t->input(0);
  if (!in_order(moved->inner)) {
    if (!is_rotation(moved->after)) return false;
    x = ops::transpose(graph, node, reshaped(graph, node, x, moved->factors), moved->inner);
  }
  x = reshaped(graph, node, x, moved->shape);
  if (!in_order(moved->after)) x = ops::transpose(graph, node, x, moved->after);
  graph.replace_uses(node->output(0), x);
  return true;
}

// Transpose(x) -> Transpose(Reshape(x)), a rotation, where it is one but for extents of 1.
bool place_ones(ir::Graph& graph, ir::Node* node) {
  const Perm perm = perm_of(node);
  const Dims& dims = node->output(0)->type.dims;
  if (is_rotation(perm) || !keeps_range(node) || node->output(0)->type.dynamic) {
    return false;
  }
  const auto moved = move_reshape(perm, dims, dims);
  if (!moved || !is_rotation(moved->after)) return false;
  ir::Value* x = reshaped(graph, node, node->input(0), moved->shape);
  graph.replace_uses(node->output(0), ops::transpose(graph, node, x, moved->after));
  return true;
}

const ir::Rule kRules[] = {
    {"cancel", {"Transpose"}, cancel},
    {"place_ones", {"Transpose"}, place_ones},
    {"reshape", {"Reshape"}, reshape},
    {"sink", {}, sink},
};

}  // namespace

Result<int> sink_transpose(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
