// SPDX-License-Identifier: Apache-2.0
//
// TopK: the k largest (or smallest) elements along an axis, in order, and where they stand. Of
// equal ones the first comes first; NaN is larger than everything.
#include <algorithm>
#include <cstring>

#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {
    {"axis", AttrKind::integer}, {"largest", AttrKind::integer}, {"sorted", AttrKind::integer}};

Status infer(const OpCall& call) {
  const TensorView &x = call.in[0], &k = call.in[1];
  int axis;
  FETTLE_TRY(normalize_axis("TopK", call.attrs.get_int("axis", -1), x.dims.rank(), &axis));
  if (x.dims.rank() == 0) return invalid_input("TopK of a scalar");
  if (x.dtype == DType::boolean) return unsupported("TopK of bool");
  if ((k.dtype != DType::i64 && k.dtype != DType::i32) || k.elements() != 1) {
    return invalid_input("TopK: k should be one integer");
  }
  const bool known = has_values(call, 1);
  const int64_t count = known      ? value_at(k, 0)
                        : k.bounds ? value_at(k.bounds->most.view(), 0)
                                   : x.dims[axis];
  // With extents that depend on data, k may be more than there is.
  if (count < 0 || (known && count > x.dims[axis] && !x.dynamic)) {
    return invalid_input("TopK: k is " + std::to_string(count) + " of " +
                         std::to_string(x.dims[axis]));
  }
  FETTLE_TRY(inherit_quant("TopK", call));
  for (size_t i = 0; i < call.out.size(); ++i) {
    call.out[i].dtype = i == 0 ? x.dtype : DType::i64;
    call.out[i].dims = x.dims;
    call.out[i].dims[axis] = std::min(count, x.dims[axis]);
    call.out[i].dynamic = !known || any_dynamic(call);
  }
  return {};
}

size_t scratch(const OpCall& call) {
  int axis;
  if (!normalize_axis("TopK", call.attrs.get_int("axis", -1), call.in[0].dims.rank(), &axis).ok() ||
      call.in[0].dims.rank() == 0) {
    return 0;
  }
  return static_cast<size_t>(call.in[0].dims[axis]) * sizeof(int64_t);
}

template <class T>
bool above(T a, T b) {
  if constexpr (!std::is_integral_v<T>) {
    if (a != a) return b == b;
  }
  return a > b;
}

// Whether element a comes before element b. One sort serves all types by it: the machine code of a
// sort is large.
using Before = bool (*)(const void* x, int64_t a, int64_t b);
template <class T>
bool largest_first(const void* x, int64_t a, int64_t b) {
  return above(static_cast<const T*>(x)[a], static_cast<const T*>(x)[b]);
}
template <class T>
bool least_first(const void* x, int64_t a, int64_t b) {
  return largest_first<T>(x, b, a);
}

void run(const OpCall& call, int axis, Before before) {
  const TensorView& x = call.in[0];
  const TensorView& shape = call.out[0];
  const int64_t outer = x.dims.product(0, axis), n = x.dims[axis];
  const int64_t inner = x.dims.product(axis + 1, x.dims.rank());
  const int64_t k = shape.dims[axis];
  const size_t size = size_of(x.dtype);
  int64_t* order = reinterpret_cast<int64_t*>(call.scratch.data());
  auto* values = static_cast<std::byte*>(call.out[0].data);
  auto* indices = call.out.size() > 1 ? static_cast<int64_t*>(call.out[1].data) : nullptr;
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const auto* from =
          static_cast<const std::byte*>(x.data) + static_cast<size_t>(o * n * inner + i) * size;
      for (int64_t j = 0; j < n; ++j) order[j] = j;
      std::partial_sort(order, order + k, order + n, [&](int64_t a, int64_t b) {
        if (before(from, a * inner, b * inner)) return true;
        return !before(from, b * inner, a * inner) && a < b;
      });
      for (int64_t j = 0; j < k; ++j) {
        const int64_t at = (o * k + j) * inner + i;
        std::memcpy(values + static_cast<size_t>(at) * size,
                    from + static_cast<size_t>(order[j] * inner) * size, size);
        if (indices) indices[at] = order[j];
      }
    }
  }
}

Status reference(const OpCall& call) {
  int axis;
  FETTLE_TRY(normalize_axis("TopK", call.attrs.get_int("axis", -1), call.in[0].dims.rank(), &axis));
  const bool largest = call.attrs.get_int("largest", 1) != 0;
  visit_dtype(
      call.in[0].dtype,
      [&]<class T>(T) {
        run(call, axis, largest ? largest_first<T> : least_first<T>);
        return 0;
      },
      0);
  return {};
}

Cost cost(const OpCall& call) { return {.flops = call.in[0].elements() * 4}; }

// Before opset 10 k was an attribute.
Status from_onnx(ir::Graph& graph, ir::Node* node, int) {
  if (!node->attrs.has("k")) return {};
  set_constant_input(graph, node, 1, "k", Tensor::of<int64_t>({1}, {node->attrs.get_int("k")}));
  node->attrs.erase("k");
  return {};
}

// TFLite's indices are of i32.
Status from_tflite(ir::Graph& graph, ir::Node* node) {
  node->op = "TopK";
  node->attrs = {};
  ir::Value* indices = node->output(1);
  if (indices == nullptr) return {};
  const auto next = std::next(node->position);
  ir::Node* before = next == graph.nodes().end() ? nullptr : next->get();
  ir::Value* wide = graph.add_value(indices->name + "/i64");
  node->outputs[1] = wide;
  wide->producer = node;
  wide->output_index = 1;
  graph.add_node_with_outputs("Cast", {wide}, {indices}, {{"to", std::string("i32")}}, before);
  return {};
}

constexpr OnnxRule kOnnx[] = {{"TopK", 1, from_onnx}};
constexpr TfliteRule kTflite[] = {{"TOPK_V2", from_tflite}};
constexpr OpDef kOps[] = {{.name = "TopK",
                           .schema = Schema(2, 2, 1, 2, kAttrs),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = scratch,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = kNotApplicable}};  // k would be a random number

}  // namespace

FETTLE_OP_TABLE(top_k, kOps)

}  // namespace fettle::ops
