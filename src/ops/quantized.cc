// SPDX-License-Identifier: Apache-2.0
#include "ops/quantized.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/activation.h"
#include "ops/operands.h"

namespace fettle::ops {

namespace {

bool positive(float scale) { return scale > 0 && std::isfinite(scale); }

Status refuse(const char* op, const char* operand, const char* why) {
  return unsupported(std::string(op) + ": no integer form where " + operand + " " + why);
}

// The code that a bound of an activation becomes; infinities leave the type's own bound.
int32_t code_of(float real, float scale, int32_t zero_point, int32_t low, int32_t high) {
  if (std::isnan(real)) return low;
  const double code = std::nearbyint(static_cast<double>(real) / scale) + zero_point;
  return static_cast<int32_t>(std::clamp<double>(code, low, high));
}

}  // namespace

bool any_quantized(const OpCall& call) {
  const auto quantized = [](const TensorView& v) { return v.quant != nullptr; };
  return std::any_of(call.in.begin(), call.in.end(), quantized) ||
         std::any_of(call.out.begin(), call.out.end(), quantized);
}

Status require_quantized(const char* op, const char* operand, const TensorView& v) {
  if (v.dtype != DType::i8 && v.dtype != DType::i16) {
    return refuse(op, operand, "is neither i8 nor i16");
  }
  if (v.quant == nullptr) return refuse(op, operand, "is not quantized");
  if (!v.quant->per_tensor() || v.quant->zero_point.size() != 1) {
    return refuse(op, operand, "has more than one scale");
  }
  if (!positive(scale_of(v))) return refuse(op, operand, "has no positive scale");
  const int32_t zero = zero_point_of(v);
  const bool fits = v.dtype == DType::i8 ? zero >= -128 && zero <= 127 : zero == 0;
  return fits ? Status() : refuse(op, operand, "has an impossible zero point");
}

Status require_quantized_weight(const char* op, const TensorView& x, const TensorView& w,
                                int axis) {
  const bool wide = w.dtype == DType::i16 && x.dtype == DType::i16;
  if (w.dtype != DType::i8 && !wide) {
    return refuse(op, "the weight", "is neither i8 nor, beside i16 activations, i16");
  }
  if (w.quant == nullptr) return refuse(op, "the weight", "is not quantized");
  const Quantization& q = *w.quant;
  if (q.zero_point.size() != q.scale.size() || q.scale.empty()) {
    return refuse(op, "the weight", "lacks zero points");
  }
  if (!q.per_tensor() && (q.axis != axis || static_cast<int64_t>(q.scale.size()) != w.dims[axis])) {
    return refuse(op, "the weight", "is not quantized by output channel");
  }
  for (float s : q.scale) {
    if (!(s >= 0) || !std::isfinite(s)) return refuse(op, "the weight", "has an impossible scale");
  }
  for (int32_t z : q.zero_point) {
    const bool fits = wide ? z == 0 : z >= -128 && z <= 127;
    if (!fits) return refuse(op, "the weight", "has an impossible zero point");
  }
  return {};
}

Status require_integer_bias(const char* op, const TensorView& bias) {
  if (bias.dtype == DType::i32 || bias.dtype == DType::i64) return {};
  return refuse(op, "the bias", "is neither i32 nor i64");
}

bool has_dynamic_range(const OpCall& call) {
  return call.in.size() > 1 && is_float(call.in[0].dtype) && call.in[0].quant == nullptr &&
         call.in[1].quant != nullptr && call.out[0].quant == nullptr;
}

Status require_dynamic_range(const char* op, const OpCall& call, int axis) {
  const TensorView& w = call.in[1];
  if (call.in[0].dtype != DType::f32) return refuse(op, "the input", "is not f32");
  if (w.dtype != DType::i8) return refuse(op, "the weight", "is not i8");
  if (w.data == nullptr) return refuse(op, "the weight", "is not constant");
  FETTLE_TRY(require_quantized_weight(op, call.in[0], w, axis));
  for (const int32_t z : w.quant->zero_point) {
    if (z != 0) return refuse(op, "the weight", "has a zero point");
  }
  if (call.has_in(2)) FETTLE_TRY(require_same_dtype(op, call.in[0], call.in[2]));
  call.out[0].dtype = DType::f32;
  return {};
}

Status infer_quantized_output(const char* op, const OpCall& call, DType dtype) {
  TensorView& out = call.out[0];
  out.dtype = dtype;
  if (out.quant == nullptr) {
    return refuse(op, "the output", "has no quantization of its own");
  }
  return require_quantized(op, "the output", out);
}

void inherit_quantization(const OpCall& call) {
  call.out[0].dtype = call.in[0].dtype;
  call.out[0].quant = call.in[0].quant;
}

Status output_requantizer(const char* op, const OpCall& call, Requantizer* r) {
  const TensorView& out = call.out[0];
  Activation activation;
  FETTLE_TRY(parse_activation(call.attrs, &activation));
  const bool wide = out.dtype == DType::i16;
  const int32_t low = wide ? std::numeric_limits<int16_t>::min() : -128;
  const int32_t high = wide ? std::numeric_limits<int16_t>::max() : 127;
  *r = {zero_point_of(out), low, high};
  if (activation.kind == ActivationKind::none) return {};
  if (activation.kind != ActivationKind::clip) {
    return unsupported(std::string(op) + ": no integer form with this activation");
  }
  r->low = code_of(activation.a, scale_of(out), r->zero_point, low, high);
  r->high = std::max(r->low, code_of(activation.b, scale_of(out), r->zero_point, low, high));
  return {};
}

}  // namespace fettle::ops
