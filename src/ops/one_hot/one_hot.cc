// SPDX-License-Identifier: Apache-2.0
//
// OneHot: a new axis of extent `depth` that is on at the index and off elsewhere. A negative index
// counts from the end; one outside turns nothing on. values = [off, on].
#include <cmath>
#include <cstring>

#include "ops/op.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/strided_copy.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}};

Status infer(const OpCall& call) {
  const TensorView &indices = call.in[0], &depth = call.in[1], &values = call.in[2];
  if (depth.elements() != 1) return invalid_input("OneHot: its depth is not one number");
  if (values.elements() != 2) return invalid_input("OneHot: its values are not off and on");
  if (indices.dims.rank() == kMaxRank) return unsupported("OneHot: rank too high");
  if (!has_values(call, 1)) return needs_value("OneHot", "depth");
  FETTLE_TRY(refuse_quantized("OneHot", call));
  const double extent = std::floor(number_at(depth, 0));
  if (!(extent >= 0 && extent <= static_cast<double>(kMaxElements))) {
    return invalid_input("OneHot: impossible depth");
  }
  int axis;
  FETTLE_TRY(
      normalize_axis("OneHot", call.attrs.get_int("axis", -1), indices.dims.rank() + 1, &axis));
  TensorView& y = call.out[0];
  y.dtype = values.dtype;
  y.dynamic = any_dynamic(call);
  y.dims = Dims(indices.dims.begin(), indices.dims.begin() + axis);
  y.dims.push_back(static_cast<int64_t>(extent));
  for (int i = axis; i < indices.dims.rank(); ++i) y.dims.push_back(indices.dims[i]);
  return {};
}

Status reference(const OpCall& call) {
  const TensorView &indices = call.in[0], &values = call.in[2], &y = call.out[0];
  int axis;
  FETTLE_TRY(normalize_axis("OneHot", call.attrs.get_int("axis", -1), y.dims.rank(), &axis));
  const int64_t depth = y.dims[axis], inner = y.dims.product(axis + 1, y.dims.rank());
  const size_t size = size_of(y.dtype);
  fill(size, values.data, y.data, y.elements());
  const char* on = static_cast<const char*>(values.data) + size;
  char* to = static_cast<char*>(y.data);
  for (int64_t k = 0, n = indices.elements(); k < n; ++k) {
    double i = number_at(indices, k);
    if (i < 0) i += static_cast<double>(depth);
    if (!(i >= 0 && i < static_cast<double>(depth))) continue;
    const int64_t at = (k / inner * depth + static_cast<int64_t>(i)) * inner + k % inner;
    std::memcpy(to + static_cast<size_t>(at) * size, on, size);
  }
  return {};
}

// Inputs: indices, depth, on, off.
Status from_tflite(ir::Graph& graph, ir::Node* node) {
  ir::Value *on = node->input(2), *off = node->input(3);
  if (on == nullptr || off == nullptr) return invalid_input("ONE_HOT without its values");
  const std::string base = node->outputs[0]->name;
  ir::Value* one = graph.add_constant(base + "/one", Tensor::of<int64_t>({1}, {1}));
  ir::Node* first = graph.add_node("Reshape", {off, one}, 1, {}, node);
  ir::Node* second = graph.add_node("Reshape", {on, one}, 1, {}, node);
  ir::Node* values = graph.add_node("Concat", {first->outputs[0], second->outputs[0]}, 1,
                                    {{"axis", int64_t{0}}}, node);
  graph.set_input(node, 3, nullptr);
  node->inputs.resize(3);
  graph.set_input(node, 2, values->outputs[0]);
  node->op = "OneHot";
  return {};
}

constexpr OnnxRule kOnnx[] = {{"OneHot"}};
constexpr TfliteRule kTflite[] = {{"ONE_HOT", from_tflite}};
constexpr OpDef kOps[] = {{.name = "OneHot",
                           .schema = Schema(3, 3, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};  // its depth has to be a constant

}  // namespace

FETTLE_OP_TABLE(one_hot, kOps)

}  // namespace fettle::ops
