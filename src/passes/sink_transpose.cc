// SPDX-License-Identifier: Apache-2.0
//
//   f(Transpose(x))                    ->  Transpose(f'(x))
//   Transpose(Transpose(x))            ->  x, where they undo each other
//
// for transposes from channels-last to channels-first: f is elementwise, or has axes that can be
// renamed (f'). They move towards the next channels-last operator, whose own transpose they meet.
// Not through what has no axes to rename (MatMul, a Reshape that mixes them).
#include <algorithm>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/axis_rules.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

using Perm = std::vector<int64_t>;

// 0, then the last k axes, then the others in order: what turns channels-last into -first.
bool is_rotation(std::span<const int64_t> p) {
  const auto rank = static_cast<int64_t>(p.size());
  if (rank < 3 || p[0] != 0 || p[1] == 1) return false;
  for (int64_t i = 2; i < rank; ++i) {
    if (p[i] != (p[i - 1] + 1 < rank ? p[i - 1] + 1 : 1)) return false;
  }
  return true;
}

Perm inverse(const Perm& p) {
  Perm inv(p.size());
  for (size_t i = 0; i < p.size(); ++i) inv[static_cast<size_t>(p[i])] = static_cast<int64_t>(i);
  return inv;
}

ir::Node* rotation_before(const ir::Value* value) {
  ir::Node* t = ir::producer(value, "Transpose");
  return t && is_rotation(t->attrs.get_ints("perm")) ? t : nullptr;
}

// The operand as it is before the transpose `perm`: x of Transpose(x), a constant transposed
// back, one element as it is. nullptr: there is no such thing for free.
ir::Value* before_transpose(ir::Graph& graph, ir::Node* node, ir::Value* v, const Perm& perm) {
  if (ir::Node* t = ir::producer(v, "Transpose")) {
    const auto p = t->attrs.get_ints("perm");
    if (std::equal(p.begin(), p.end(), perm.begin(), perm.end())) return t->input(0);
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
    t = node->inputs[i] ? rotation_before(node->inputs[i]) : nullptr;
  }
  if (t == nullptr) return false;
  for (const ir::Value* o : node->outputs) {
    if (o == nullptr || o->type.dynamic) return false;
  }
  const auto span = t->attrs.get_ints("perm");
  const Perm perm(span.begin(), span.end());
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
  const auto first = before->attrs.get_ints("perm"), second = node->attrs.get_ints("perm");
  if (first.size() != second.size() || first.empty()) return false;
  Perm both;
  for (int64_t p : second) both.push_back(first[static_cast<size_t>(p)]);
  ir::Value* x = before->input(0);
  if (std::is_sorted(both.begin(), both.end())) {
    if (graph.is_output(node->output(0)) && x->producer == nullptr) return false;
    graph.replace_uses(node->output(0), x);
  } else {
    graph.replace_uses(node->output(0), ops::transpose(graph, node, x, both));
  }
  return true;
}

// Reshape(Transpose(x)) that merges neighbouring axes: where the merged tensor is a rotation of
// one that x can be reshaped to, once the axes inside each group are in order.
bool merge_axes(ir::Graph& graph, ir::Node* node) {
  ir::Node* t = ir::producer(node->input(0), "Transpose");
  const Dims& from = node->input(0)->type.dims;
  const Dims& to = node->output(0)->type.dims;
  if (t == nullptr || to.rank() >= from.rank() || to.rank() < 3 || from.elements() == 0) {
    return false;
  }
  const auto perm = t->attrs.get_ints("perm");
  const std::vector<Perm> groups = split_groups(to, from);
  if (groups.empty() || node->output(0)->type.quant != node->input(0)->type.quant) return false;
  std::vector<std::pair<int64_t, int64_t>> order;  // first axis of x in the group, axis of `to`
  for (size_t i = 0; i < groups.size(); ++i) {
    int64_t first = kMaxRank;
    for (int64_t g : groups[i]) first = std::min(first, perm[static_cast<size_t>(g)]);
    order.emplace_back(first, static_cast<int64_t>(i));
  }
  std::sort(order.begin(), order.end());
  Perm inner, shape, after(groups.size());
  for (const auto& [first, axis] : order) {
    after[static_cast<size_t>(axis)] = static_cast<int64_t>(shape.size());
    shape.push_back(to[static_cast<int>(axis)]);
    for (int64_t g : groups[static_cast<size_t>(axis)]) {
      inner.push_back(perm[static_cast<size_t>(g)]);
    }
  }
  if (!is_rotation(after)) return false;
  ir::Value* x = t->input(0);
  if (!std::is_sorted(inner.begin(), inner.end())) x = ops::transpose(graph, node, x, inner);
  x = ops::build(graph, node, "Reshape", {x, ops::constant_ints(graph, shape)});
  graph.replace_uses(node->output(0), ops::transpose(graph, node, x, after));
  return true;
}

const ir::Rule kRules[] = {
    {"cancel", {"Transpose"}, cancel},
    {"merge_axes", {"Reshape"}, merge_axes},
    {"sink", {}, sink},
};

}  // namespace

Result<int> sink_transpose(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
