// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of element-wise operators: a formula of two operands over rows, either of which
// may stand still along a row or from row to row; formulas of one operand; softmax of rows. The
// output may be the same bytes as an operand that has its shape.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// y[r * columns + c] = clamp(f(a[r * a_row_step + c * a_column_step], b[...])), lo <= hi. Column
// steps are 0 or 1, not both 0. A NaN is not clamped.
struct BinaryF32Rows {
  const float *a, *b;
  float* y;
  int64_t a_row_step, a_column_step, b_row_step, b_column_step;
  int64_t rows, columns;
  float lo, hi;
};
using BinaryF32Fn = void (*)(const BinaryF32Rows& rows);
enum class BinaryF32 : uint8_t { add, sub, mul, div, max, min, prelu };
inline constexpr int kBinaryF32s = 7;

using UnaryF32Fn = void (*)(const float* x, float* y, int64_t n);
enum class UnaryF32 : uint8_t { exp, sqrt, abs, neg, reciprocal };
inline constexpr int kUnaryF32s = 5;

// y[r][i] = exp(x[r][i] - max of x[r]) / their sum; length > 0.
using SoftmaxF32Fn = void (*)(const float* x, float* y, int64_t rows, int64_t length);

struct ElementwiseF32 {
  const char* name;
  Isa isa;
  BinaryF32Fn binary[kBinaryF32s];  // by BinaryF32
  UnaryF32Fn unary[kUnaryF32s];     // by UnaryF32
  SoftmaxF32Fn softmax;
};

// The best that runs on `isa`.
const ElementwiseF32& elementwise_f32(Isa isa);

}  // namespace fettle::runtime
