// SPDX-License-Identifier: Apache-2.0
//
// ONNX's integer products with scales and zero points as operands: QLinearConv, ConvInteger,
// QLinearMatMul, MatMulInteger. Sums are exact; a result is brought to its range by one float
// multiplier, rounded half to even.
#pragma once

#include <cmath>

#include "ops/op.h"

namespace fettle::ops {

// Whether the operand is i8 or u8.
inline bool is_byte(const TensorView& v) { return v.dtype == DType::i8 || v.dtype == DType::u8; }

// Calls f(X{}, W{}) with the types of two byte operands.
template <class F>
void visit_bytes(DType x, DType w, F&& f) {
  if (x == DType::u8) {
    w == DType::u8 ? f(uint8_t{}, uint8_t{}) : f(uint8_t{}, int8_t{});
  } else {
    w == DType::u8 ? f(int8_t{}, uint8_t{}) : f(int8_t{}, int8_t{});
  }
}

// Stores a requantized sum as element i of an i8 or u8 tensor.
inline void store_byte(const TensorView& out, int64_t i, int64_t sum, float multiplier,
                       int64_t zero) {
  const bool is_signed = out.dtype == DType::i8;
  const double low = is_signed ? -128 : 0, high = is_signed ? 127 : 255;
  double v = static_cast<double>(std::nearbyint(static_cast<float>(sum) * multiplier)) +
             static_cast<double>(zero);
  v = v > low ? (v < high ? v : high) : low;
  if (is_signed) {
    static_cast<int8_t*>(out.data)[i] = static_cast<int8_t>(v);
  } else {
    static_cast<uint8_t*>(out.data)[i] = static_cast<uint8_t>(v);
  }
}

}  // namespace fettle::ops
