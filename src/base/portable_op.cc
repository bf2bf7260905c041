// SPDX-License-Identifier: Apache-2.0
#include "base/portable_op.h"

#include <algorithm>
#include <string>

namespace fettle {

namespace {
std::string count_range(int least, int most) {
  if (most < 0) return std::to_string(least) + " or more";
  if (least == most) return std::to_string(least);
  return std::to_string(least) + " to " + std::to_string(most);
}

bool fits(size_t n, int least, int most) {
  return n >= static_cast<size_t>(least) && (most < 0 || n <= static_cast<size_t>(most));
}
}  // namespace

Status check_schema(std::string_view op, const Schema& s, const Attributes& attrs, size_t inputs,
                    size_t outputs) {
  if (!fits(inputs, s.min_inputs, s.max_inputs)) {
    return invalid_input(std::string(op) + " takes " + count_range(s.min_inputs, s.max_inputs) +
                         " inputs, not " + std::to_string(inputs));
  }
  if (!fits(outputs, s.min_outputs, s.max_outputs)) {
    return invalid_input(std::string(op) + " has " + count_range(s.min_outputs, s.max_outputs) +
                         " outputs, not " + std::to_string(outputs));
  }
  for (const auto& [name, value] : attrs.entries()) {
    const auto spec =
        std::find_if(s.attrs.begin(), s.attrs.end(),
                     [&wanted = name](const AttrSpec& a) { return a.name == wanted; });
    if (spec == s.attrs.end()) {
      return unsupported(std::string(op) + " has no attribute '" + name + "'");
    }
    if (static_cast<size_t>(spec->kind) != value.index()) {
      return invalid_input(std::string(op) + ": attribute '" + name + "' is of another kind");
    }
  }
  return {};
}

Status infer_types(const PortableOp& op, const OpCall& call) {
  for (size_t i = 0; i < static_cast<size_t>(op.schema.min_inputs); ++i) {
    if (!call.has_in(i)) {
      return invalid_input(std::string(op.name) + " needs its input " + std::to_string(i));
    }
  }
  FETTLE_TRY(op.infer(call));
  for (const TensorView& out : call.out) {
    if (!out.dims.valid()) {
      return invalid_input("output of " + std::string(op.name) + " would be " +
                           out.dims.to_string() + ", past any size this can hold");
    }
  }
  return {};
}

bool makes_nothing(std::span<const TensorView> out) {
  return std::all_of(out.begin(), out.end(),
                     [](const TensorView& o) { return !o.dynamic && o.elements() == 0; });
}

Status infer(const PortableOp& op, const OpCall& call) {
  FETTLE_TRY(check_schema(op.name, op.schema, call.attrs, call.in.size(), call.out.size()));
  return infer_types(op, call);
}

}  // namespace fettle
