// SPDX-License-Identifier: Apache-2.0
//
// What the integer forms of operators share. A tensor with a Quantization stands for real numbers,
// real = scale * (code - zero_point). An operator that meets one moves codes, computes in integers
// by the rule of base/requantize.h, or refuses: nothing treats codes as numbers. What is refused
// with Code::unsupported is computed in float instead (passes/quantized_forms.h).
//
// Sums are exact: int32 where a bound on the number of terms keeps them in range, else int64.
#pragma once

#include "base/op_call.h"
#include "base/requantize.h"

namespace fettle::ops {

// Whether any input or stated output is quantized.
bool any_quantized(const OpCall& call);

// An activation tensor with an integer form: i8, or i16 with zero point 0; one positive scale.
Status require_quantized(const char* op, const char* operand, const TensorView& view);
// Weights of an activation x: i8, or beside an i16 x also i16 with zero point 0; one scale or one
// for each index of `axis`.
Status require_quantized_weight(const char* op, const TensorView& x, const TensorView& w, int axis);
// i32 or i64 bias, whose unit is the product of the other two scales.
Status require_integer_bias(const char* op, const TensorView& view);
// Floats multiplied by 8-bit weights to floats: input 0 is quantized while it runs
// (base/dynamic_range.h).
bool has_dynamic_range(const OpCall& call);
// Its operands; the weight's scales are one or one for each index of `axis`. Output 0 is f32.
Status require_dynamic_range(const char* op, const OpCall& call, int axis);
// Output 0, whose quantization the graph has to state, becomes a tensor of `dtype`.
Status infer_quantized_output(const char* op, const OpCall& call, DType dtype);
// Output 0 has input 0's type and quantization, whatever was stated.
void inherit_quantization(const OpCall& call);

inline float scale_of(const TensorView& v) { return v.quant->scale[0]; }
inline int32_t zero_point_of(const TensorView& v) { return v.quant->zero_point[0]; }

// Of a weight: scale and zero point of channel c.
inline size_t channel_entry(const TensorView& w, int64_t c) {
  return w.quant->per_tensor() ? 0 : static_cast<size_t>(c);
}

// How sums become codes of output 0, with the call's fused activation as a clamp. An activation
// that is no clamp is Code::unsupported.
Status output_requantizer(const char* op, const OpCall& call, Requantizer* requantizer);

// Whether `terms` products of 8-bit codes less their zero points, and a bias of up to 2^30, stay
// inside int32.
inline bool sums_fit_int32(int64_t terms) { return terms <= (int64_t{1} << 30) / (255 * 255); }

// Elements [0, n) of a quantized tensor as integers of type A.
template <class A>
A integer_at(const TensorView& v, int64_t i) {
  switch (v.dtype) {
    case DType::i8:
      return static_cast<A>(static_cast<const int8_t*>(v.data)[i]);
    case DType::i16:
      return static_cast<A>(static_cast<const int16_t*>(v.data)[i]);
    case DType::i32:
      return static_cast<A>(static_cast<const int32_t*>(v.data)[i]);
    default:
      return static_cast<A>(static_cast<const int64_t*>(v.data)[i]);
  }
}

// Calls f(T{}) with int8_t or int16_t, the two types of activations.
template <class F>
void visit_code(DType type, F&& f) {
  if (type == DType::i8) {
    f(int8_t{});
  } else {
    f(int16_t{});
  }
}

}  // namespace fettle::ops
