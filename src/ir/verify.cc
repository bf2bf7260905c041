// SPDX-License-Identifier: Apache-2.0
#include "ir/verify.h"

#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace fettle::ir {

namespace {

Status broken(const Value* v, const std::string& what) {
  return invalid_input("value '" + v->name + "' " + what);
}

Status verify_quantization(const Value* v) {
  const Quantization* q = v->type.quant.get();
  if (q == nullptr) return {};
  if (q->scale.empty() || q->scale.size() != q->zero_point.size()) {
    return broken(v, "has as many scales as zero points, and at least one: it does not");
  }
  for (float s : q->scale) {
    if (!std::isfinite(s) || s <= 0) return broken(v, "has a scale that is not positive");
  }
  if (!v->type.known() || q->per_tensor()) return {};
  const Dims& dims = v->type.dims;
  if (q->axis < 0 || q->axis >= dims.rank() ||
      dims[q->axis] != static_cast<int64_t>(q->scale.size())) {
    return broken(v, "is quantized along an axis that does not fit " + dims.to_string());
  }
  return {};
}

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph) {}

  Status run() {
    for (const auto& v : graph_.values()) owned_.insert(v.get());
    FETTLE_TRY(verify_inputs());
    for (const auto& v : graph_.values()) {
      if (v->is_constant()) made_.insert(v.get());
      FETTLE_TRY(verify_value(v.get()));
    }
    for (const auto& n : graph_.nodes()) {
      if (Status s = verify_node(n.get()); !s.ok()) return std::move(s).at("node " + n->label());
    }
    for (const auto& v : graph_.values()) {
      if (uses_[v.get()] != v->uses.size()) return broken(v.get(), "has uses that no node has");
      if (v->producer != nullptr && !made_.contains(v.get())) {
        return broken(v.get(), "has a producer outside the graph");
      }
    }
    return verify_outputs();
  }

 private:
  Status verify_inputs() {
    std::unordered_set<std::string_view> names;
    for (const DeclaredInput& i : graph_.inputs()) {
      if (!owned_.contains(i.value)) return invalid_input("an input is no value of the graph");
      if (!names.insert(i.value->name).second) return broken(i.value, "is an input twice");
      if (i.value->producer || i.value->is_constant()) {
        return broken(i.value, "is an input and made inside, too");
      }
      made_.insert(i.value);
    }
    return {};
  }

  Status verify_value(const Value* v) const {
    if (v->is_constant()) {
      if (v->producer) return broken(v, "is a constant and made by a node, too");
      if (v->type.dtype != v->data->dtype() || !(v->type.dims == v->data->dims())) {
        return broken(v, "is a constant whose type is not that of its elements");
      }
    }
    if (!v->type.dims.valid())
      return broken(v, "has the impossible shape " + v->type.dims.to_string());
    return verify_quantization(v);
  }

  Status verify_node(const Node* n) {
    for (size_t i = 0; i < n->inputs.size(); ++i) {
      const Value* v = n->inputs[i];
      if (v == nullptr) continue;
      if (!made_.contains(v)) {
        return owned_.contains(v) ? broken(v, "is read before it is made")
                                  : invalid_input("an operand is no value of the graph");
      }
      const Use use{const_cast<Node*>(n), static_cast<int>(i)};
      size_t found = 0;
      for (const Use& u : v->uses) found += u == use;
      if (found != 1) return broken(v, "does not know that it is used here");
      ++uses_[v];
    }
    for (size_t i = 0; i < n->outputs.size(); ++i) {
      const Value* v = n->outputs[i];
      if (v == nullptr) continue;
      if (!owned_.contains(v)) return invalid_input("an output is no value of the graph");
      if (v->producer != n || v->output_index != static_cast<int>(i)) {
        return broken(v, "does not know that it is made here");
      }
      if (!made_.insert(v).second) return broken(v, "is made twice");
    }
    for (const auto& g : n->subgraphs) FETTLE_TRY(Verifier(*g).run());
    return {};
  }

  Status verify_outputs() const {
    std::unordered_set<std::string_view> names;
    for (const Value* v : graph_.outputs()) {
      if (!made_.contains(v)) return invalid_input("an output of the graph is made by nothing");
      if (!names.insert(v->name).second) return broken(v, "is an output twice");
    }
    return {};
  }

  const Graph& graph_;
  std::unordered_set<const Value*> owned_, made_;
  std::unordered_map<const Value*, size_t> uses_;  // by nodes of the graph
};

}  // namespace

Status verify(const Graph& graph) { return Verifier(graph).run(); }

}  // namespace fettle::ir
