// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "ops/onnx_rules.h"
#include "ops/slice/slice.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {
constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
constexpr int64_t kFarBelow = std::numeric_limits<int64_t>::min();
}  // namespace

// Before opset 10 starts, ends and axes were attributes.
Status read_slice(ir::Graph& graph, ir::Node* node, int) {
  ints_to_input(graph, node, "starts", 1);
  ints_to_input(graph, node, "ends", 2);
  ints_to_input(graph, node, "axes", 3);
  return {};
}

// Inputs: x, begin, size; size -1 means all that is left.
Status from_tflite_slice(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const Tensor* begin, constant_input(*node, 1, "SLICE: where it begins"));
  FETTLE_ASSIGN(const Tensor* size, constant_input(*node, 2, "SLICE: its size"));
  const std::vector<int64_t> starts = to_int64(begin->view());
  std::vector<int64_t> ends = to_int64(size->view());
  if (starts.size() != ends.size()) return invalid_input("SLICE: begin and size differ in length");
  for (size_t i = 0; i < ends.size(); ++i) {
    if (starts[i] < 0 || ends[i] < -1 || starts[i] > kMaxElements || ends[i] > kMaxElements) {
      return invalid_input("SLICE: a position is out of range", node->label());
    }
    ends[i] = ends[i] == -1 ? kFar : starts[i] + ends[i];
  }
  node->op = "Slice";
  node->attrs = {};
  set_constant_input(graph, node, 1, "starts", Tensor::vector<int64_t>(starts));
  set_constant_input(graph, node, 2, "ends", Tensor::vector<int64_t>(ends));
  return {};
}

namespace {

// One position of a STRIDED_SLICE's specification, masks applied.
struct Specification {
  std::vector<int64_t> starts, ends, steps, axes;
  std::vector<int64_t> removed;  // axes of the input that go: a single index
  std::vector<int64_t> added;    // axes of the output that are new
};

Result<Specification> read_specification(const ir::Node& node) {
  FETTLE_ASSIGN(const Tensor* b, constant_input(node, 1, "STRIDED_SLICE: where it begins"));
  FETTLE_ASSIGN(const Tensor* e, constant_input(node, 2, "STRIDED_SLICE: where it ends"));
  FETTLE_ASSIGN(const Tensor* s, constant_input(node, 3, "STRIDED_SLICE: its strides"));
  const auto begin = to_int64(b->view()), end = to_int64(e->view()), step = to_int64(s->view());
  if (begin.size() != end.size() || begin.size() != step.size() || begin.size() > kMaxRank) {
    return invalid_input("STRIDED_SLICE: begin, end and strides differ in length", node.label());
  }
  const auto masked = [&](const char* name, size_t i) {
    return (node.attrs.get_int(name) >> i & 1) != 0;
  };
  if (node.attrs.get_int("offset") != 0) return unsupported("STRIDED_SLICE with offsets");
  int64_t specified = 0;  // axes of the input that positions speak of
  for (size_t i = 0; i < begin.size(); ++i) {
    specified += !masked("ellipsis_mask", i) && !masked("new_axis_mask", i);
  }
  Specification out;
  int64_t axis = 0, out_axis = 0;
  for (size_t i = 0; i < begin.size(); ++i) {
    if (masked("ellipsis_mask", i)) {
      if (!node.inputs[0]->type.known()) return unsupported("STRIDED_SLICE with an ellipsis");
      const int64_t skipped = node.inputs[0]->type.dims.rank() - specified;
      axis += skipped;
      out_axis += skipped;
    } else if (masked("new_axis_mask", i)) {
      out.added.push_back(out_axis++);
    } else {
      const bool single = masked("shrink_axis_mask", i);
      const int64_t stride = single ? 1 : step[i];
      const int64_t least = stride > 0 ? 0 : kFar, most = stride > 0 ? kFar : kFarBelow;
      out.axes.push_back(axis);
      out.steps.push_back(stride);
      out.starts.push_back(!single && masked("begin_mask", i) ? least : begin[i]);
      out.ends.push_back(single ? (begin[i] == -1 || begin[i] == kFar ? kFar : begin[i] + 1)
                         : masked("end_mask", i) ? most
                                                 : end[i]);
      if (single) out.removed.push_back(axis);
      if (!single) ++out_axis;
      ++axis;
    }
  }
  return out;
}

}  // namespace

Status from_tflite_strided_slice(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const Specification spec, read_specification(*node));
  node->op = "Slice";
  node->attrs = {};
  const auto list = [](const std::vector<int64_t>& v) { return Tensor::vector<int64_t>(v); };
  set_constant_input(graph, node, 1, "starts", list(spec.starts));
  set_constant_input(graph, node, 2, "ends", list(spec.ends));
  set_constant_input(graph, node, 3, "axes", list(spec.axes));
  set_constant_input(graph, node, 4, "steps", list(spec.steps));
  ir::Node* last = node;
  if (!spec.removed.empty()) {
    last = append_node(graph, last, "Squeeze");
    set_constant_input(graph, last, 1, "axes", list(spec.removed));
  }
  if (!spec.added.empty()) {
    last = append_node(graph, last, "Unsqueeze");
    set_constant_input(graph, last, 1, "axes", list(spec.added));
  }
  return {};
}

// Inputs: x, axes; along each, from the last element to the first.
Status from_tflite_reverse(ir::Graph& graph, ir::Node* node) {
  FETTLE_ASSIGN(const Tensor* given, constant_input(*node, 1, "REVERSE_V2: its axes"));
  const std::vector<int64_t> axes = to_int64(given->view());
  const auto all = [&](int64_t v) {
    return Tensor::vector<int64_t>(std::vector<int64_t>(axes.size(), v));
  };
  node->op = "Slice";
  set_constant_input(graph, node, 1, "starts", all(-1));
  set_constant_input(graph, node, 2, "ends", all(kFarBelow));
  set_constant_input(graph, node, 3, "axes", Tensor::vector<int64_t>(axes));
  set_constant_input(graph, node, 4, "steps", all(-1));
  return {};
}

}  // namespace fettle::ops
