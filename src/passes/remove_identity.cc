// SPDX-License-Identifier: Apache-2.0
//
//   Identity(x), Dropout(x), Cast to x's own type, Reshape / Slice / Expand / Pad / Resize ... of
//   x to x's own shape where nothing is moved, Transpose by the identity   ->  x
//   Reshape(Reshape(x))  ->  Reshape(x)          Transpose(Transpose(x))  ->  Transpose(x)
//   Transpose that moves only extents of 1       ->  Reshape
//   Gather of one constant index  ->  Reshape(Slice(x))
#include <algorithm>

#include "ir/rewrite.h"
#include "ops/build.h"
#include "passes/constants.h"
#include "passes/passes.h"

namespace fettle::passes {

namespace {

bool same_type(const ir::Value* a, const ir::Value* b) {
  return a->type == b->type && !a->type.dynamic;
}

bool forward_input(ir::Graph& graph, ir::Node* node) {
  ir::Value* in = node->input(0);
  ir::Value* out = node->output(0);
  if (in == nullptr || out == nullptr || !same_type(in, out)) return false;
  for (size_t i = 1; i < node->outputs.size(); ++i) {
    if (node->outputs[i] &&
        (!node->outputs[i]->uses.empty() || graph.is_output(node->outputs[i]))) {
      return false;
    }
  }
  // An output of the graph that is also an input would need a copy again.
  if (graph.is_output(out) && in->producer == nullptr) return false;
  graph.replace_uses(out, in);
  return true;
}

bool remove_transpose(ir::Graph& graph, ir::Node* node) {
  const auto perm = node->attrs.get_ints("perm");
  ir::Value* in = node->input(0);
  const Dims& dims = in->type.dims;
  if (perm.size() != static_cast<size_t>(dims.rank()) || in->type.dynamic) return false;
  if (std::is_sorted(perm.begin(), perm.end())) return forward_input(graph, node);
  if (ir::Node* before = ir::producer(in, "Transpose")) {
    const auto first = before->attrs.get_ints("perm");
    if (first.size() == perm.size()) {
      std::vector<int64_t> both;
      for (int64_t p : perm) both.push_back(first[static_cast<size_t>(p)]);
      graph.replace_uses(node->output(0), ops::transpose(graph, node, before->input(0), both));
      return true;
    }
  }
  int64_t last = -1;
  bool moves = false;
  for (int64_t p : perm) {
    if (dims[static_cast<int>(p)] == 1) continue;
    moves |= p < last;
    last = p;
  }
  if (moves || in->type.quant) return false;
  const Dims& to = node->output(0)->type.dims;
  const std::vector<int64_t> shape(to.begin(), to.end());
  ir::Value* r = ops::build(graph, node, "Reshape", {in, ops::constant_ints(graph, shape)});
  graph.replace_uses(node->output(0), r);
  return true;
}

bool merge_reshape(ir::Graph& graph, ir::Node* node) {
  ir::Node* before = ir::producer(node->input(0), "Reshape");
  const ir::Type& to = node->output(0)->type;
  if (before == nullptr || to.dynamic || before->input(0)->type.dynamic) return false;
  const std::vector<int64_t> shape(to.dims.begin(), to.dims.end());
  if (to.dims.elements() == 0) return false;  // a 0 in the shape means "keep"
  ir::Value* r =
      ops::build(graph, node, "Reshape", {before->input(0), ops::constant_ints(graph, shape)});
  graph.replace_uses(node->output(0), r);
  return true;
}

// Flatten, Squeeze and Unsqueeze are reshapes: one form lets them merge.
bool canonicalize_reshape(ir::Graph& graph, ir::Node* node) {
  const ir::Type& to = node->output(0)->type;
  if (to.dynamic || node->input(0)->type.dynamic || to.dims.elements() == 0) return false;
  if (node->input(0)->type.quant && !node->input(0)->type.quant->per_tensor()) return false;
  const std::vector<int64_t> shape(to.dims.begin(), to.dims.end());
  ir::Value* r =
      ops::build(graph, node, "Reshape", {node->input(0), ops::constant_ints(graph, shape)});
  graph.replace_uses(node->output(0), r);
  return true;
}

// Gather of one constant index -> Slice, without the axis where the index is a number.
bool take_one(ir::Graph& graph, ir::Node* node) {
  const ir::Value *x = node->input(0), *y = node->output(0);
  const auto index = integer_constant(node->input(1));
  const Dims& dims = x->type.dims;
  if (!index || index->size() != 1 || node->input(1)->type.dims.rank() > 1) return false;
  if (x->type.dynamic || y->type.dynamic || y->type.dims.elements() == 0) return false;
  if (node->attrs.get_int("batch_dims", 0) != 0) return false;
  int64_t axis = node->attrs.get_int("axis", 0), at = (*index)[0];
  if (axis < 0) axis += dims.rank();
  const int64_t extent = dims[static_cast<int>(axis)];
  if (at < 0) at += extent;
  if (at < 0 || at >= extent) return false;  // an error of the call
  const auto number = [&](int64_t v) { return ops::constant_ints(graph, {&v, 1}); };
  ir::Value* taken =
      ops::build(graph, node, "Slice", {node->inputs[0], number(at), number(at + 1), number(axis)});
  if (taken->producer != nullptr) taken->producer->name = node->name;
  const std::vector<int64_t> shape(y->type.dims.begin(), y->type.dims.end());
  graph.replace_uses(node->output(0),
                     ops::build(graph, node, "Reshape", {taken, ops::constant_ints(graph, shape)}));
  return true;
}

bool forward_only_operand(ir::Graph& graph, ir::Node* node) {
  return node->inputs.size() == 1 && forward_input(graph, node);
}

const ir::Rule kRules[] = {
    {"identity", {"Identity", "Dropout"}, forward_input},
    {"same_type", {"Cast"}, forward_input},
    {"same_shape",
     {"Reshape", "Expand", "Slice", "Pad", "Tile", "Flatten", "Squeeze", "Unsqueeze"},
     forward_input},
    {"one_operand", {"Concat", "Sum", "Max", "Min", "Mean"}, forward_only_operand},
    {"transpose", {"Transpose"}, remove_transpose},
    {"as_reshape", {"Flatten", "Squeeze", "Unsqueeze"}, canonicalize_reshape},
    {"reshape", {"Reshape"}, merge_reshape},
    {"take_one", {"Gather"}, take_one},
};

}  // namespace

Result<int> remove_identity(ir::Graph& graph) { return ir::rewrite(graph, kRules); }

}  // namespace fettle::passes
