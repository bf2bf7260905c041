// SPDX-License-Identifier: Apache-2.0
//
// Concat: tensors behind one another along an axis. Quantized ones with ranges of their own are
// brought to the output's range on the way.
#include <cstring>
#include <limits>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/quantized.h"
#include "ops/shapes.h"
#include "ops/tflite_rules.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kAttrs[] = {{"axis", AttrKind::integer}};

bool same_quantization(const TensorView& a, const TensorView& b) {
  return (!a.quant && !b.quant) || (a.quant && b.quant && *a.quant == *b.quant);
}

// Whether codes can be copied as they are.
bool shares_range(const OpCall& call) {
  for (const TensorView& in : call.in) {
    if (!same_quantization(in, call.in[0])) return false;
  }
  return !call.out[0].quant || same_quantization(call.in[0], call.out[0]);
}

Status infer_range(const OpCall& call) {
  if (shares_range(call)) return inherit_quant("Concat", call);
  for (const TensorView& in : call.in) FETTLE_TRY(require_quantized("Concat", "an input", in));
  return infer_quantized_output("Concat", call, call.in[0].dtype);
}

Status infer(const OpCall& call) {
  const TensorView& first = call.in[0];
  int axis;
  FETTLE_TRY(normalize_axis("Concat", call.attrs.get_int("axis"), first.dims.rank(), &axis));
  if (first.dims.rank() == 0) return invalid_input("Concat of scalars");
  Dims dims = first.dims;
  for (size_t i = 1; i < call.in.size(); ++i) {
    const TensorView& in = call.in[i];
    FETTLE_TRY(require_same_dtype("Concat", first, in));
    Dims rest = in.dims;
    if (rest.rank() == dims.rank()) rest[axis] = dims[axis];
    if (!(rest == dims)) {
      return invalid_input("Concat: " + in.dims.to_string() + " does not go behind " +
                           first.dims.to_string() + " along axis " + std::to_string(axis));
    }
    if (in.dims[axis] > kMaxElements - dims[axis]) return invalid_input("Concat: too large");
    dims[axis] += in.dims[axis];
  }
  FETTLE_TRY(infer_range(call));
  call.out[0].dtype = first.dtype;
  call.out[0].dims = dims;
  call.out[0].dynamic = any_dynamic(call);
  return {};
}

// `unit` codes from every `from_step`-th to every `to_step`-th, `outer` times, to out's range.
template <class T>
void requantize(const TensorView& in, const TensorView& out, int64_t outer, int64_t unit,
                int64_t first, int64_t to_step) {
  const Requantizer quantize{zero_point_of(out), std::numeric_limits<T>::min(),
                             std::numeric_limits<T>::max()};
  const float multiplier = requantize_multiplier(scale_of(in), scale_of(out));
  const int32_t zero = zero_point_of(in);
  const T* from = in.as<T>();
  for (int64_t o = 0; o < outer; ++o, from += unit) {
    T* to = out.as_mutable<T>() + first + o * to_step;
    for (int64_t i = 0; i < unit; ++i) to[i] = static_cast<T>(quantize(from[i] - zero, multiplier));
  }
}

Status reference_ranges(const OpCall& call, int axis) {
  const Dims& dims = call.out[0].dims;
  const int64_t inner = dims.product(axis + 1, dims.rank());
  int64_t first = 0;
  for (const TensorView& in : call.in) {
    const int64_t unit = in.dims[axis] * inner;
    visit_code(call.out[0].dtype, [&]<class T>(T) {
      requantize<T>(in, call.out[0], dims.product(0, axis), unit, first, dims[axis] * inner);
    });
    first += unit;
  }
  return {};
}

Status reference(const OpCall& call) {
  const TensorView& y = call.out[0];
  int axis;
  FETTLE_TRY(normalize_axis("Concat", call.attrs.get_int("axis"), y.dims.rank(), &axis));
  if (!shares_range(call)) return reference_ranges(call, axis);
  const int64_t outer = y.dims.product(0, axis);
  const size_t unit =
      static_cast<size_t>(y.dims.product(axis + 1, y.dims.rank())) * size_of(y.dtype);
  const size_t stride = unit * static_cast<size_t>(y.dims[axis]);
  char* to = static_cast<char*>(y.data);
  for (const TensorView& in : call.in) {
    const size_t bytes = unit * static_cast<size_t>(in.dims[axis]);
    const char* from = static_cast<const char*>(in.data);
    if (bytes == 0) continue;
    for (int64_t i = 0; i < outer; ++i) {
      std::memcpy(to + static_cast<size_t>(i) * stride, from + static_cast<size_t>(i) * bytes,
                  bytes);
    }
    to += bytes;
  }
  return {};
}

// Opset 3 and before joined along axis 1 unless told.
Status from_onnx(ir::Graph&, ir::Node* node, int opset) {
  if (opset < 4 && !node->attrs.has("axis")) node->attrs.set("axis", int64_t{1});
  return {};
}

// LiteRT computes no activation here, whatever the file says, so a file that asks is refused.
Status from_concatenation(ir::Graph&, ir::Node* node) {
  const std::string fused(node->attrs.get_string("fused_activation_function", "NONE"));
  if (fused != "NONE") return unsupported("CONCATENATION with " + fused, node->label());
  node->op = "Concat";
  node->attrs = {{"axis", node->attrs.get_int("axis")}};
  return {};
}

// Each operand gets the new axis, then they are joined along it.
Status from_pack(ir::Graph& graph, ir::Node* node) {
  FETTLE_TRY(need_inputs(*node, node->inputs.size()));
  const int64_t axis = node->attrs.get_int("axis");
  ir::Value* axes =
      graph.add_constant(node->outputs[0]->name + "/axes", Tensor::of<int64_t>({1}, {axis}));
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    ir::Node* unsqueeze = graph.add_node("Unsqueeze", {node->inputs[i], axes}, 1, {}, node);
    unsqueeze->outputs[0]->type.quant = node->inputs[i]->type.quant;
    graph.set_input(node, i, unsqueeze->outputs[0]);
  }
  node->op = "Concat";
  node->attrs = {{"axis", axis}};
  return {};
}

std::vector<Case> cases() {
  return {{.name = "channels",
           .attrs = {{"axis", int64_t{1}}},
           .inputs = {f32({2, 3, 4, 5}), f32({2, 8, 4, 5}), f32({2, 1, 4, 5})}},
          {.name = "last", .attrs = {{"axis", int64_t{-1}}}, .inputs = {f32({7, 3}), f32({7, 19})}},
          {.name = "one", .attrs = {{"axis", int64_t{0}}}, .inputs = {f32({7})}}};
}

constexpr OnnxRule kOnnx[] = {{"Concat", 1, from_onnx}};
constexpr TfliteRule kTflite[] = {{"CONCATENATION", from_concatenation}, {"PACK", from_pack}};
constexpr OpDef kOps[] = {{.name = "Concat",
                           .schema = Schema(1, -1, 1, 1, kAttrs),
                           .infer = infer,
                           .cost = kNotApplicable,
                           .reference = reference,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::same_scale,
                           .onnx = kOnnx,
                           .tflite = kTflite,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(concat, kOps)

}  // namespace fettle::ops
