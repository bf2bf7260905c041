// SPDX-License-Identifier: Apache-2.0
#include "lower/lower.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "ops/control/branches.h"
#include "ops/op.h"

namespace fettle::lower {

namespace {

// Passes add nodes without names: they are shown by what they make or read.
std::string shown_name(const ir::Node& node) {
  if (!node.name.empty()) return node.name;
  if (node.output(0) != nullptr && !node.output(0)->name.empty()) return node.output(0)->name;
  for (const ir::Value* v : node.inputs) {
    if (v == nullptr || v->is_constant()) continue;
    if (v->producer != nullptr) return "after " + shown_name(*v->producer);
    return "of " + v->name;
  }
  return node.op;
}

class Lowering {
 public:
  explicit Lowering(const ir::Graph& graph) : graph_(graph) {}

  Status run(plan::Plan* plan) {
    plan_ = plan;
    plan->name = graph_.name;
    plan->metadata.assign(graph_.metadata.begin(), graph_.metadata.end());
    for (const ir::DeclaredInput& i : graph_.inputs()) {
      FETTLE_ASSIGN(const int32_t t, tensor_of(i.value));
      plan->inputs.push_back(t);
    }
    for (const auto& node : graph_.nodes()) {
      if (Status s = lower_node(graph_, *node); !s.ok()) {
        return std::move(s).at("node " + node->label());
      }
      lowered_.insert(node.get());
    }
    for (const ir::Value* v : graph_.outputs()) FETTLE_TRY(lower_output(v));
    return {};
  }

 private:
  Result<int32_t> tensor_of(const ir::Value* value) {
    if (value == nullptr) return -1;
    const auto [it, fresh] = index_.emplace(value, static_cast<int32_t>(plan_->tensors.size()));
    if (!fresh) return it->second;
    if (!value->type.known()) return invalid_input("value '" + value->name + "' has no type");
    plan::PlanTensor t;
    t.name = value->name;
    t.dtype = value->type.dtype;
    t.dims = value->type.dims;
    t.dynamic = value->type.dynamic;
    t.quant = value->type.quant;
    if (value->is_constant()) t.weight = *value->data;
    plan_->tensors.push_back(std::move(t));
    return it->second;
  }

  // A kernel writes every output it has, so one that nobody wants gets a place all the same.
  Result<int32_t> output_tensor(const ir::Value* value, const TensorView& inferred) {
    if (value != nullptr) return tensor_of(value);
    plan::PlanTensor t;
    t.dtype = inferred.dtype;
    t.dims = inferred.dims;
    t.dynamic = inferred.dynamic;
    plan_->tensors.push_back(std::move(t));
    return static_cast<int32_t>(plan_->tensors.size() - 1);
  }

  // The nodes of both branches become steps under the condition, and each output a Choose.
  Status lower_if(const ir::Node& node) {
    if (guard_ >= 0) return unsupported("an If within an If, both of whose conditions are data");
    FETTLE_ASSIGN(const int32_t condition, tensor_of(node.inputs[0]));
    for (size_t b = 0; b < 2; ++b) {
      const ir::Graph& branch = *node.subgraphs[b];
      for (size_t i = 0; i < branch.inputs().size(); ++i) {
        FETTLE_ASSIGN(const int32_t t, tensor_of(node.inputs[i + 1]));
        index_[branch.inputs()[i].value] = t;
      }
      guard_ = condition;
      guard_is_ = b == 0;
      for (const auto& n : branch.nodes()) {
        if (Status s = lower_node(branch, *n); !s.ok()) {
          return std::move(s).at("node " + n->label());
        }
        lowered_.insert(n.get());
      }
      guard_ = -1;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == nullptr) continue;
      plan::Step step;
      step.op = plan::kChoose;
      step.name = shown_name(node);
      FETTLE_ASSIGN(const int32_t a, tensor_of(node.subgraphs[0]->outputs()[i]));
      FETTLE_ASSIGN(const int32_t b, tensor_of(node.subgraphs[1]->outputs()[i]));
      FETTLE_ASSIGN(const int32_t y, tensor_of(node.outputs[i]));
      step.inputs = {condition, a, b};
      step.outputs = {y};
      plan_->steps.push_back(std::move(step));
    }
    return {};
  }

  Status lower_node(const ir::Graph& scope, const ir::Node& node) {
    if (ops::has_branches(node)) return lower_if(node);
    const ops::OpDef* op = ops::find(node.op);
    if (op == nullptr) return unsupported("operator '" + node.op + "' is not known");
    if (!op->reference.applies()) return unsupported("cannot run: its operands are not constant");
    plan::Step step;
    step.op = node.op;
    step.name = shown_name(node);
    step.attrs = node.attrs;
    std::vector<TensorView> in, out;
    for (const ir::Value* v : node.inputs) {
      FETTLE_ASSIGN(const int32_t t, tensor_of(v));
      step.inputs.push_back(t);
      in.push_back(v ? v->view() : TensorView{});
    }
    for (const ir::Value* v : node.outputs) out.push_back(v ? v->view() : TensorView{});
    const OpCall call{node.attrs, in, out};
    FETTLE_TRY(op->infer.get()(call));
    for (size_t i = 0; i < out.size(); ++i) {
      FETTLE_ASSIGN(const int32_t t, output_tensor(node.outputs[i], out[i]));
      step.outputs.push_back(t);
    }
    step.macs = op->cost.applies() ? op->cost.get()(call).macs : 0;
    if (op->in_place.applies()) step.in_place = pick_in_place(scope, node, *op, call);
    step.guard = guard_;
    step.guard_is = guard_is_ || guard_ < 0;
    plan_->steps.push_back(std::move(step));
    return {};
  }

  // Whether `node` reads the value last, and once.
  bool dies_at(const ir::Value& v, const ir::Node& node) const {
    size_t here = 0;
    for (const ir::Use& use : v.uses) {
      if (use.node == &node) {
        ++here;
      } else if (!lowered_.contains(use.node)) {
        return false;
      }
    }
    return here == 1;
  }

  // The first input that dies here and whose bytes the output may take over.
  // What a branch reads from outside may be read elsewhere, too.
  int32_t pick_in_place(const ir::Graph& scope, const ir::Node& node, const ops::OpDef& op,
                        const OpCall& call) const {
    if (node.output(0) == nullptr || node.output(0)->type.dynamic) return -1;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ir::Value* v = node.inputs[i];
      if (v == nullptr || v->is_constant() || v->type.dynamic || scope.is_output(v)) continue;
      if (&scope != &graph_ && v->producer == nullptr) continue;
      if (!dies_at(*v, node) || v->type.bytes() < node.outputs[0]->type.bytes()) continue;
      if (op.in_place.get()(call, static_cast<int>(i))) return static_cast<int32_t>(i);
    }
    return -1;
  }

  // An output that is an input, a constant or another output as well is copied to one of its own.
  Status lower_output(const ir::Value* value) {
    FETTLE_ASSIGN(const int32_t t, tensor_of(value));
    const bool taken =
        std::find(plan_->outputs.begin(), plan_->outputs.end(), t) != plan_->outputs.end();
    if (value->producer != nullptr && !value->is_constant() && !taken) {
      plan_->outputs.push_back(t);
      return {};
    }
    plan::PlanTensor copy = plan_->tensors[t];
    copy.weight = Tensor();
    plan::Step step;
    step.op = "Identity";
    step.name = "copy of " + value->name;
    step.inputs = {t};
    step.outputs = {static_cast<int32_t>(plan_->tensors.size())};
    plan_->tensors.push_back(std::move(copy));
    plan_->steps.push_back(std::move(step));
    plan_->outputs.push_back(plan_->steps.back().outputs[0]);
    return {};
  }

  const ir::Graph& graph_;
  plan::Plan* plan_ = nullptr;
  std::unordered_map<const ir::Value*, int32_t> index_;
  std::unordered_set<const ir::Node*> lowered_;
  int32_t guard_ = -1;  // of the branch that is being lowered
  bool guard_is_ = true;
};

}  // namespace

Result<plan::Plan> lower(const ir::Graph& graph, plan::ArenaReport* report,
                         const StripeOptions& stripes) {
  plan::Plan plan;
  FETTLE_TRY(Lowering(graph).run(&plan));
  plan_stripes(plan, stripes);
  const plan::ArenaReport arena = plan::plan_arena(plan);
  if (report != nullptr) *report = arena;
  assert(plan::validate(plan).ok());
  return plan;
}

}  // namespace fettle::lower
