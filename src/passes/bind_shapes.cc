// SPDX-License-Identifier: Apache-2.0
#include "passes/bind_shapes.h"

#include <algorithm>

#include "ops/control/branches.h"
#include "ops/evaluate.h"
#include "ops/value_bounds.h"
#include "passes/expand_qlinear.h"
#include "passes/fold_qdq.h"
#include "passes/inline_if.h"
#include "passes/quantized_forms.h"

namespace fettle::passes {

namespace {

std::string shown(const std::vector<int64_t>& extents) {
  std::string s;
  for (int64_t e : extents) s += (s.empty() ? "" : ",") + (e < 0 ? "?" : std::to_string(e));
  return "[" + s + "]";
}

Status bind_input(ir::DeclaredInput& input, const Bindings& bindings) {
  const std::string& name = input.value->name;
  std::vector<int64_t> extents = input.extents;
  const auto given = bindings.shapes.find(name);
  if (given != bindings.shapes.end()) {
    const bool fits =
        !input.has_shape ||
        (given->second.size() == extents.size() &&
         std::equal(extents.begin(), extents.end(), given->second.begin(),
                    [](int64_t declared, int64_t g) { return declared < 0 || declared == g; }));
    if (!fits) {
      return usage_error("input '" + name + "' is declared " + shown(extents) +
                         " and cannot be given the shape " + shown(given->second));
    }
    extents = given->second;
  } else if (!input.has_shape) {
    return usage_error("input '" + name + "' has no shape in the model; give one: --shape " + name +
                       "=N,...");
  }
  if (extents.size() > static_cast<size_t>(kMaxRank)) {
    return unsupported("input '" + name + "' has more than " + std::to_string(kMaxRank) +
                       " dimensions");
  }
  for (int64_t& e : extents) e = e < 0 ? 1 : e;
  const Dims dims(extents.begin(), extents.end());
  if (!dims.valid()) return usage_error("input '" + name + "': impossible shape " + shown(extents));
  input.value->type.dtype = input.dtype;
  input.value->type.dims = dims;
  return {};
}

bool same_quant(const Quantization* made, const std::shared_ptr<const Quantization>& known) {
  return made == nullptr || (known && *made == *known);
}

// Shape and Size are constant wherever extents do not depend on data: they read no elements.
bool asks_for_extents(const ir::Node& node) { return node.op == "Shape" || node.op == "Size"; }

constexpr size_t kMostScratch = size_t{64} << 20;  // to fold a constant with, where it is small

size_t scratch_of(const ops::OpDef& op, const OpCall& call) {
  return op.scratch.applies() ? op.scratch.get()(call) : 0;
}

// Types of a node's outputs; its outputs become constants where all it reads is constant.
Status infer_node(ir::Graph& graph, ir::Node* node, size_t fold_limit) {
  const ops::OpDef* op = ops::find(node->op);
  if (op == nullptr) return unsupported("operator '" + node->op + "' is not known");
  FETTLE_TRY(ops::check_schema(*op, node->attrs, node->inputs.size(), node->outputs.size()));

  std::vector<TensorView> in, out(node->outputs.size());
  bool constant = !node->inputs.empty() || op->reference.applies();
  for (ir::Value* v : node->inputs) {
    in.push_back(v ? v->view() : TensorView{});
    if (v == nullptr) continue;
    if (!v->type.known()) return invalid_input("reads '" + v->name + "', which nothing made");
    constant &= v->is_constant() || (asks_for_extents(*node) && !v->type.dynamic);
  }
  for (size_t i = 0; i < out.size(); ++i) {  // a type that the file states, quantization above all
    if (node->outputs[i]) out[i].quant = node->outputs[i]->type.quant.get();
  }
  const OpCall call{node->attrs, in, out};
  FETTLE_TRY(ops::infer(*op, call));
  size_t bytes = 0, in_bytes = 0;  // of all it makes; of the largest it reads
  for (const TensorView& o : out) bytes += o.bytes();
  for (const TensorView& i : in) in_bytes = std::max(in_bytes, i.bytes());
  const bool fold = constant && op->reference.applies() &&
                    (bytes <= std::max(in_bytes, size_t{4096}) || bytes <= fold_limit) &&
                    scratch_of(*op, call) <= std::max(2 * std::max(bytes, in_bytes), kMostScratch);
  std::vector<Tensor> values;
  if (fold) {
    std::vector<const Quantization*> stated;
    for (const TensorView& o : out) stated.push_back(o.quant);
    FETTLE_ASSIGN(values,
                  ops::evaluate(*op, node->attrs, in, out.size(), uint64_t{1} << 32, stated));
  }
  for (size_t i = 0; i < out.size(); ++i) {
    ir::Value* v = node->outputs[i];
    if (v == nullptr) continue;
    v->type.dtype = out[i].dtype;
    v->type.dims = out[i].dims;
    v->type.dynamic = out[i].dynamic;
    v->type.bounds = nullptr;
    if (!same_quant(out[i].quant, v->type.quant)) {
      v->type.quant = std::make_shared<Quantization>(*out[i].quant);
    }
    if (!fold) continue;
    // The constant is a value of its own, so that an output of the graph stays one of the node's
    // until lowering copies it.
    ir::Value* c = graph.add_constant(v->name + "/folded", std::move(values[i]));
    c->type.quant = v->type.quant;
    graph.replace_uses(v, c);
  }
  if (!fold && node->output(0) != nullptr) {
    node->outputs[0]->type.bounds = ops::derive_bounds(*node, node->outputs[0]->type);
  }
  return {};
}

}  // namespace

Status infer_types(ir::Graph& graph, size_t fold_limit_bytes) {
  const auto& nodes = graph.nodes();
  for (auto it = nodes.begin(); it != nodes.end();) {
    ir::Node* node = it->get();
    const std::string place = "node " + node->label();
    if (can_inline_if(*node)) {
      const bool first = it == nodes.begin();
      const auto previous = first ? it : std::prev(it);
      FETTLE_TRY(inline_if(graph, node).at(place));
      it = first ? nodes.begin() : std::next(previous);
      continue;
    }
    if (ops::has_branches(*node)) {
      FETTLE_TRY(infer_branches(node, fold_limit_bytes).at(place));
      ++it;
      continue;
    }
    const bool first = it == nodes.begin();
    const auto previous = first ? it : std::prev(it);
    auto changed = give_quantized_form(graph, node);
    if (!changed.ok()) return changed.take_status().at(place);
    if (*changed) {
      it = first ? nodes.begin() : std::next(previous);
      continue;
    }
    FETTLE_TRY(infer_node(graph, node, fold_limit_bytes).at(place));
    ++it;
  }
  graph.erase_dead();
  return {};
}

Status bind_shapes(ir::Graph& graph, const Bindings& bindings) {
  for (const auto& [name, shape] : bindings.shapes) {
    const auto& inputs = graph.inputs();
    if (std::none_of(inputs.begin(), inputs.end(), [&, n = std::string_view(name)](const auto& i) {
          return i.value->name == n;
        })) {
      std::string names;
      for (const auto& i : inputs) names += " '" + i.value->name + "'";
      return usage_error("the model has no input '" + name + "'; it has" + names);
    }
  }
  expand_qlinear(graph);
  fold_qdq(graph);
  std::vector<ir::DeclaredInput> inputs = graph.inputs();
  for (ir::DeclaredInput& input : inputs) {
    const auto value = bindings.values.find(input.value->name);
    if (value != bindings.values.end()) {
      graph.bind_input(input.value, value->second);
    } else {
      FETTLE_TRY(bind_input(input, bindings));
    }
  }
  return infer_types(graph, bindings.fold_limit_bytes);
}

Result<std::unique_ptr<ir::Graph>> bind_shapes_or_values(std::unique_ptr<ir::Graph> graph,
                                                         const Bindings& bindings) {
  constexpr int64_t kMostElements = 1024;
  Bindings with_values = bindings;
  for (const auto& [name, value] : bindings.offered_values) {
    const bool counts = is_integer(value.dtype()) || value.dtype() == DType::boolean;
    if (counts && value.elements() <= kMostElements) {
      with_values.values.emplace(name, value);
      with_values.shapes.erase(name);
    }
  }
  const bool retry = with_values.values.size() > bindings.values.size();
  std::unique_ptr<ir::Graph> spare = retry ? graph->clone() : nullptr;
  Status status = bind_shapes(*graph, bindings);
  if (!status.ok() && status.code() == Code::needs_value && retry) {
    graph = std::move(spare);
    status = bind_shapes(*graph, with_values);
  }
  if (!status.ok()) return status;
  return graph;
}

}  // namespace fettle::passes
