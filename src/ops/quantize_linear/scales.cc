// SPDX-License-Identifier: Apache-2.0
#include "ops/operands.h"
#include "ops/quantize_linear/quantize_linear.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {
constexpr struct {
  int64_t number;
  DType type;
} kTypes[] = {{1, DType::f32},  {2, DType::u8},   {3, DType::i8},   {4, DType::u16},
              {5, DType::i16},  {6, DType::i32},  {10, DType::f16}, {11, DType::f64},
              {12, DType::u32}, {16, DType::bf16}};
}  // namespace

DType dtype_of_onnx_number(int64_t number) {
  for (const auto& t : kTypes) {
    if (t.number == number) return t.type;
  }
  return DType::none;
}

int64_t onnx_number_of(DType type) {
  for (const auto& t : kTypes) {
    if (t.type == type) return t.number;
  }
  return 0;
}

float ScaleSource::scale(int64_t i) const {
  return quant ? quant->scale[static_cast<size_t>(i)]
               : static_cast<float>(number_at(call->in[1], i));
}

int32_t ScaleSource::zero_point(int64_t i) const {
  if (quant) return quant->zero_point[static_cast<size_t>(i)];
  return call->has_in(2) ? static_cast<int32_t>(number_at(call->in[2], i)) : 0;
}

Status resolve_scales(const char* op, const OpCall& call, const Quantization* own, ScaleLayout* s,
                      ScaleSource* source) {
  const Dims& x = call.in[0].dims;
  s->length = x.elements();
  source->call = &call;
  if (!call.has_in(1)) {
    if (own == nullptr || own->scale.empty() || own->zero_point.size() != own->scale.size()) {
      return invalid_input(std::string(op) + ": neither scales nor a quantization are given");
    }
    source->quant = own;
    s->scales = static_cast<int64_t>(own->scale.size());
    if (s->scales == 1) return {};
    if (own->axis < 0 || own->axis >= x.rank() || x[own->axis] != s->scales) {
      return invalid_input(std::string(op) + ": the quantization does not fit " + x.to_string());
    }
    *s = {x.product(0, own->axis), s->scales, x.product(own->axis + 1, x.rank()), 0, s->scales};
    return {};
  }
  FETTLE_TRY(require_float(op, "scale", call.in[1]));
  const Dims& scale = call.in[1].dims;
  if (call.has_in(2)) {
    const Dims& zero = call.in[2].dims;
    const bool both_one = zero.elements() == 1 && scale.elements() == 1;
    if (!both_one) FETTLE_TRY(require_dims(op, "zero point", call.in[2], scale));
  }
  const int64_t block = call.attrs.get_int("block_size", 0);
  if (block < 0) return invalid_input(std::string(op) + ": block_size is negative");
  if (scale.elements() == 1 && block == 0) return {};
  int axis;
  FETTLE_TRY(normalize_axis(op, call.attrs.get_int("axis", 1), x.rank(), &axis));
  *s = {x.product(0, axis), x[axis], x.product(axis + 1, x.rank()), block, scale.elements()};
  s->blocked = block > 0;
  if (block == 0) return require_dims(op, "scale", call.in[1], {x[axis]});
  Dims expected = x;
  expected[axis] = x[axis] / block + (x[axis] % block != 0);
  return require_dims(op, "scale", call.in[1], expected);
}

}  // namespace fettle::ops
