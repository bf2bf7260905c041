// SPDX-License-Identifier: Apache-2.0
//
// ConstantOfShape: a tensor of the shape that input 0 says, filled with input 1 (ONNX's attribute
// `value`; zero of f32 where absent). EyeLike: ones along a diagonal.
#include <algorithm>
#include <cstring>

#include "ops/cases.h"
#include "ops/onnx_rules.h"
#include "ops/operands.h"
#include "ops/shapes.h"
#include "ops/small_ints.h"
#include "ops/strided_copy.h"

namespace fettle::ops {

namespace {

constexpr AttrSpec kEyeAttrs[] = {{"dtype", AttrKind::string}, {"k", AttrKind::integer}};

Status infer_constant(const OpCall& call) {
  SmallInts shape;
  FETTLE_TRY(read_most("ConstantOfShape", "shape", call, 0, &shape));
  if (call.has_in(1) && call.in[1].elements() != 1) {
    return invalid_input("ConstantOfShape: its value is not one element");
  }
  call.out[0].dtype = call.has_in(1) ? call.in[1].dtype : DType::f32;
  call.out[0].dims = Dims(shape.value, shape.value + shape.count);
  call.out[0].dynamic = shape.bounded || call.in[0].dynamic;
  return {};
}

Status reference_constant(const OpCall& call) {
  const TensorView& y = call.out[0];
  const float zero = 0;
  fill(size_of(y.dtype), call.has_in(1) ? call.in[1].data : &zero, y.data, y.elements());
  return {};
}

Status infer_eye(const OpCall& call) {
  FETTLE_TRY(require_rank("EyeLike", "input", call.in[0], 2, 2));
  DType dtype = call.in[0].dtype;
  if (call.attrs.has("dtype")) dtype = dtype_from_name(call.attrs.get_string("dtype"));
  if (dtype == DType::none) return invalid_input("EyeLike: unknown element type");
  call.out[0].dtype = dtype;
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status reference_eye(const OpCall& call) {
  const TensorView& y = call.out[0];
  const int64_t k = call.attrs.get_int("k"), rows = y.dims[0], columns = y.dims[1];
  std::memset(y.data, 0, y.bytes());
  if (k <= -rows || k >= columns) return {};
  for (int64_t r = std::max<int64_t>(0, -k); r < rows && r + k < columns; ++r) {
    set_number(y, r * columns + r + k, 1);
  }
  return {};
}

Status eye_from_onnx(ir::Graph&, ir::Node* node, int) {
  return read_dtype_attribute(node, "dtype");
}
Status eye_to_onnx(ir::Graph&, ir::Node* node) {
  write_dtype_attribute(node, "dtype");
  return {};
}

std::vector<Case> cases_eye() {
  return {{.name = "wide", .attrs = {{"k", int64_t{1}}}, .inputs = {f32({3, 7})}}};
}

// The reader and the writer move attribute `value`, a tensor, to input 1 and back.
constexpr OnnxRule kConstant[] = {{"ConstantOfShape"}},
                   kEye[] = {{"EyeLike", 9, eye_from_onnx, eye_to_onnx}};
constexpr TfliteRule kFill[] = {{"FILL"}};
constexpr OpDef kOps[] = {{.name = "ConstantOfShape",
                           .schema = Schema(1, 2, 1, 1),
                           .infer = infer_constant,
                           .cost = kNotApplicable,
                           .reference = reference_constant,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kConstant,
                           .tflite = kFill,
                           .cases = kNotApplicable},  // its shape has to be a constant
                          {.name = "EyeLike",
                           .schema = Schema(1, 1, 1, 1, kEyeAttrs),
                           .infer = infer_eye,
                           .cost = kNotApplicable,
                           .reference = reference_eye,
                           .scratch = kNotApplicable,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kEye,
                           .tflite = kNotApplicable,
                           .cases = cases_eye}};

}  // namespace

FETTLE_OP_TABLE(constant_of_shape, kOps)

}  // namespace fettle::ops
