// SPDX-License-Identifier: Apache-2.0
#include "passes/inline_if.h"

#include <unordered_map>

#include "ops/control/branches.h"
#include "passes/bind_shapes.h"

namespace fettle::passes {

namespace {

// Copies `body` in front of `before`, its inputs being `arguments`. Returns its outputs.
Result<std::vector<ir::Value*>> copy_body(ir::Graph& graph, const ir::Graph& body,
                                          std::span<ir::Value* const> arguments, ir::Node* before) {
  if (body.inputs().size() != arguments.size()) {
    return invalid_input("its branch has inputs of its own, which an If cannot give");
  }
  std::unordered_map<const ir::Value*, ir::Value*> map{{nullptr, nullptr}};
  for (size_t i = 0; i < arguments.size(); ++i) map[body.inputs()[i].value] = arguments[i];
  for (const auto& v : body.values()) {
    if (map.contains(v.get())) continue;
    ir::Value* copy =
        v->is_constant() ? graph.add_constant(v->name, *v->data) : graph.add_value(v->name);
    copy->type = v->type;
    map[v.get()] = copy;
  }
  for (const auto& n : body.nodes()) {
    std::vector<ir::Value*> in, out;
    for (const ir::Value* v : n->inputs) in.push_back(map.at(v));
    for (const ir::Value* v : n->outputs) out.push_back(map.at(v));
    ir::Node* copy =
        graph.add_node_with_outputs(n->op, std::move(in), std::move(out), n->attrs, before);
    copy->name = n->name;
    for (const auto& g : n->subgraphs) copy->subgraphs.push_back(g->clone());
  }
  std::vector<ir::Value*> made;
  for (const ir::Value* o : body.outputs()) made.push_back(map.at(o));
  return made;
}

// A branch that cannot be a step beside the other may still be taken, or not, once the condition is
// given.
Status needs_condition(const Status& why) {
  return {Code::needs_value,
          "its condition depends on data, so both branches have to go together (" +
              why.to_string() + "); give the value when the session is made (--input)"};
}

// Operands of the If, as the branch sees them.
Status bind_branch(const ir::Node& node, ir::Graph& branch) {
  if (branch.inputs().size() + 1 != node.inputs.size()) {
    return invalid_input("its branch has inputs of its own, which an If cannot give");
  }
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const ir::Value* given = node.inputs[i];
    if (given == nullptr) return invalid_input("an operand is absent");
    ir::Value* taken = branch.inputs()[i - 1].value;
    taken->type = given->type;
    if (given->is_constant() && !taken->uses.empty()) {
      branch.replace_uses(taken, branch.add_constant(taken->name + "/known", *given->data));
    }
  }
  return {};
}

Status infer_branch(ir::Graph& branch, size_t fold_limit_bytes) {
  FETTLE_TRY(infer_types(branch, fold_limit_bytes));
  for (const auto& n : branch.nodes()) {
    if (ops::has_branches(*n)) return unsupported("an If within it depends on data, too");
  }
  return {};
}

}  // namespace

bool can_inline_if(const ir::Node& node) {
  const ir::Value* condition = node.input(0);
  return node.op == "If" && node.subgraphs.size() == 2 && condition != nullptr &&
         condition->is_constant();
}

Status infer_branches(ir::Node* node, size_t fold_limit_bytes) {
  const ir::Value* condition = node->input(0);
  if (condition == nullptr || condition->type.dtype != DType::boolean ||
      condition->type.dims.elements() != 1 || condition->type.dynamic) {
    return invalid_input("its condition is not one boolean");
  }
  for (const auto& branch : node->subgraphs) {
    FETTLE_TRY(bind_branch(*node, *branch));
    if (Status s = infer_branch(*branch, fold_limit_bytes); !s.ok()) return needs_condition(s);
  }
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    if (node->outputs[i] == nullptr) continue;
    auto type = ops::branch_type(*node, i);
    if (!type.ok()) return needs_condition(type.status());
    node->outputs[i]->type = *type;
  }
  return {};
}

Status inline_if(ir::Graph& graph, ir::Node* node) {
  const Tensor& condition = *node->inputs[0]->data;
  if (condition.dtype() != DType::boolean || condition.elements() != 1) {
    return invalid_input("its condition is not one boolean");
  }
  const ir::Graph& branch = *node->subgraphs[condition.data<bool>()[0] ? 0 : 1];
  if (branch.outputs().size() < node->outputs.size()) {
    return invalid_input("a branch has fewer outputs than the If");
  }
  const auto arguments = std::span<ir::Value* const>(node->inputs).subspan(1);
  FETTLE_ASSIGN(const auto made, copy_body(graph, branch, arguments, node));
  for (size_t i = 0; i < node->outputs.size(); ++i) {
    ir::Value* old = node->outputs[i];
    if (old == nullptr) continue;
    ir::Value* value = made[i];
    // An output of the graph keeps a value of its own, so that it keeps its name.
    if (graph.is_output(old)) value = graph.add_node("Identity", {value}, 1, {}, node)->outputs[0];
    graph.replace_uses(old, value);
  }
  graph.erase(node);
  return {};
}

}  // namespace fettle::passes
