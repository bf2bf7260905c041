// SPDX-License-Identifier: Apache-2.0
#include "passes/axis_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "ops/build.h"
#include "passes/constants.h"

namespace fettle::passes {

namespace {

using Perm = std::vector<int64_t>;
using Inputs = std::vector<ir::Value*>;

int64_t wrap(int64_t axis, size_t rank) {
  return axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
}

// The transpose of what is left once the axes `gone` (of the tensor before) are reduced away.
Perm without(const Perm& perm, const std::set<int64_t>& gone) {
  Perm left;
  for (int64_t p : perm) {
    if (gone.contains(p)) continue;
    left.push_back(p - std::distance(gone.begin(), gone.lower_bound(p)));
  }
  return std::is_sorted(left.begin(), left.end()) ? Perm() : left;
}

bool elementwise(ir::Graph&, const ir::Node& node, const Perm& perm, Inputs*, Attributes*, Perm*) {
  return node.outputs[0]->type.dims.rank() == static_cast<int>(perm.size());
}

// With one scale.
bool quantize(ir::Graph&, const ir::Node& node, const Perm&, Inputs*, Attributes*, Perm*) {
  const ir::Value* scale = node.input(1);
  return scale == nullptr || scale->type.dims.elements() == 1;
}

// An attribute `axis` along which the operator works; the shape may change along it.
template <int kDefault>
bool one_axis(ir::Graph&, const ir::Node& node, const Perm& perm, Inputs*, Attributes* attrs,
              Perm*) {
  const int64_t axis = wrap(node.attrs.get_int("axis", kDefault), perm.size());
  attrs->set("axis", perm[static_cast<size_t>(axis)]);
  return true;
}

bool gather(ir::Graph&, const ir::Node& node, const Perm& perm, Inputs* inputs, Attributes* attrs,
            Perm*) {
  if ((*inputs)[1]->type.dims.rank() != 1) return false;
  const int64_t axis = wrap(node.attrs.get_int("axis", 0), perm.size());
  attrs->set("axis", perm[static_cast<size_t>(axis)]);
  return true;
}

bool arg_reduce(ir::Graph&, const ir::Node& node, const Perm& perm, Inputs*, Attributes* attrs,
                Perm* after) {
  const int64_t axis = perm[static_cast<size_t>(wrap(node.attrs.get_int("axis", 0), perm.size()))];
  attrs->set("axis", axis);
  if (node.attrs.get_int("keepdims", 1) == 0) *after = without(perm, {axis});
  return true;
}

bool reduce(ir::Graph& graph, const ir::Node& node, const Perm& perm, Inputs* inputs, Attributes*,
            Perm* after) {
  const auto axes = integer_constant(node.input(1));
  if (!axes || axes->empty()) return false;
  std::set<int64_t> renamed;
  for (int64_t a : *axes) renamed.insert(perm[static_cast<size_t>(wrap(a, perm.size()))]);
  (*inputs)[1] = ops::constant_ints(graph, Perm(renamed.begin(), renamed.end()));
  if (node.attrs.get_int("keepdims", 1) == 0) *after = without(perm, renamed);
  return true;
}

bool slice(ir::Graph& graph, const ir::Node& node, const Perm& perm, Inputs* inputs, Attributes*,
           Perm*) {
  auto axes = integer_constant(node.input(3));
  if (node.input(3) == nullptr) {
    axes = Perm(static_cast<size_t>(node.input(1)->type.dims.elements()));
    for (size_t i = 0; i < axes->size(); ++i) (*axes)[i] = static_cast<int64_t>(i);
  }
  if (!axes) return false;
  for (int64_t& a : *axes) a = perm[static_cast<size_t>(wrap(a, perm.size()))];
  if (inputs->size() < 4) inputs->resize(4, nullptr);
  (*inputs)[3] = ops::constant_ints(graph, *axes);
  if (node.input(1)->type.dtype == DType::i32) {
    (*inputs)[3] = graph.add_constant(
        "", Tensor::vector<int32_t>(std::vector<int32_t>(axes->begin(), axes->end())));
  }
  return true;
}

bool pad(ir::Graph& graph, const ir::Node& node, const Perm& perm, Inputs* inputs, Attributes*,
         Perm*) {
  const auto amounts = integer_constant(node.input(1));
  const size_t rank = perm.size();
  if (!amounts || amounts->size() != 2 * rank || node.input(3) != nullptr) return false;
  Perm renamed(2 * rank);
  for (size_t i = 0; i < rank; ++i) {
    renamed[static_cast<size_t>(perm[i])] = (*amounts)[i];
    renamed[static_cast<size_t>(perm[i]) + rank] = (*amounts)[i + rank];
  }
  (*inputs)[1] = ops::constant_ints(graph, renamed);
  return true;
}

bool resize(ir::Graph& graph, const ir::Node& node, const Perm& perm, Inputs* inputs, Attributes*,
            Perm*) {
  if (node.attrs.has("axes") ||
      node.attrs.get_string("coordinate_transformation_mode") == "tf_crop_and_resize") {
    return false;
  }
  const ir::Value* scales = node.input(2);
  const ir::Value* sizes = node.input(3);
  if (sizes != nullptr && sizes->type.dims.elements() > 0) {
    const auto old = integer_constant(sizes);
    if (!old || old->size() != perm.size()) return false;
    Perm renamed(perm.size());
    for (size_t i = 0; i < perm.size(); ++i) renamed[static_cast<size_t>(perm[i])] = (*old)[i];
    (*inputs)[3] = ops::constant_ints(graph, renamed);
    return true;
  }
  if (scales == nullptr || !scales->is_constant() || scales->type.dtype != DType::f32 ||
      scales->type.dims.elements() != static_cast<int64_t>(perm.size())) {
    return false;
  }
  std::vector<float> renamed(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    renamed[static_cast<size_t>(perm[i])] = scales->data->data<float>()[i];
  }
  (*inputs)[2] = ops::constant_floats(graph, renamed);
  return true;
}

const std::map<std::string_view, AxisRule>& rules() {
  static const std::map<std::string_view, AxisRule> table = [] {
    std::map<std::string_view, AxisRule> t;
    for (const char* op :
         {"Abs",       "Neg",       "Exp",  "Log",     "Sqrt",     "Reciprocal",  "Floor",
          "Ceil",      "Round",     "Sign", "Erf",     "Sigmoid",  "HardSigmoid", "HardSwish",
          "Relu",      "LeakyRelu", "Elu",  "Selu",    "Softplus", "Softsign",    "Mish",
          "Swish",     "Gelu",      "Tanh", "Not",     "Cast",     "Identity",    "Add",
          "Sub",       "Mul",       "Div",  "Pow",     "Max",      "Min",         "PRelu",
          "Where",     "Equal",     "Less", "Greater", "And",      "Or",          "Sum",
          "Requantize"}) {
      t[op] = {-1, elementwise};
    }
    t["Clip"] = t["Lookup"] = {1, elementwise};
    t["QuantizeLinear"] = {1, quantize};
    for (const char* op : {"Softmax", "LogSoftmax", "Hardmax"}) t[op] = {1, one_axis<-1>};
    t["Concat"] = {-1, one_axis<0>};
    t["Split"] = {1, one_axis<0>};
    t["Gather"] = {1, gather};
    t["ArgMax"] = t["ArgMin"] = {1, arg_reduce};
    for (const char* op : {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2"}) {
      t[op] = {1, reduce};
    }
    t["Slice"] = {1, slice, true};
    t["Pad"] = {1, pad};
    t["Resize"] = {1, resize};
    return t;
  }();
  return table;
}

}  // namespace

const AxisRule* axis_rule(std::string_view op) {
  const auto it = rules().find(op);
  return it == rules().end() ? nullptr : &it->second;
}

}  // namespace fettle::passes
