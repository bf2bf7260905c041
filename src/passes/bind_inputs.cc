// SPDX-License-Identifier: Apache-2.0
#include "passes/bind_inputs.h"

#include "passes/bind_shapes.h"

namespace fettle::passes {

namespace {

// A shape, axes, sizes or a condition have a handful of elements.
constexpr int64_t kMaxElementsByValue = 1024;

enum class ByValue { none, integers, all };

bool binds_by_value(const Tensor& t, ByValue which) {
  if (which == ByValue::none || t.elements() > kMaxElementsByValue) return false;
  return which == ByValue::all || is_integer(t.dtype()) || t.dtype() == DType::boolean;
}

Status check(const ir::DeclaredInput& input, const std::map<std::string, Tensor>& inputs) {
  const std::string& name = input.value->name;
  const auto given = inputs.find(name);
  if (given == inputs.end()) return usage_error("input '" + name + "' is not given");
  if (given->second.dtype() != input.dtype) {
    return usage_error("input '" + name + "' is " + std::string(name_of(input.dtype)) + ", not " +
                       std::string(name_of(given->second.dtype())));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ir::Graph>> bind_inputs(const ir::Graph& graph,
                                               const std::map<std::string, Tensor>& inputs) {
  for (const ir::DeclaredInput& i : graph.inputs()) FETTLE_TRY(check(i, inputs));
  Status status;
  for (ByValue which : {ByValue::none, ByValue::integers, ByValue::all}) {
    Bindings bindings;
    for (const auto& [name, t] : inputs) {
      bindings.shapes[name] = {t.dims().begin(), t.dims().end()};
      if (binds_by_value(t, which)) bindings.values[name] = t;
    }
    auto bound = graph.clone();
    status = bind_shapes(*bound, bindings);
    if (status.ok()) return bound;
    if (status.code() != Code::needs_value) break;
  }
  return status;
}

}  // namespace fettle::passes
