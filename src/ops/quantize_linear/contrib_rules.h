// SPDX-License-Identifier: Apache-2.0
//
// ONNX Runtime's operators on codes (domain com.microsoft): each is another operator between
// DequantizeLinear and QuantizeLinear, and becomes just that.
//
//   QLinearAdd, QLinearMul(a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero)
//   QLinearAveragePool, QLinearGlobalAveragePool, QLinearLeakyRelu, QLinearSigmoid, QLinearSoftmax
//     (x, x_scale, x_zero, y_scale, y_zero)
//   QLinearConcat(y_scale, y_zero, x, x_scale, x_zero, ...)
//   QGemm(a, a_scale, a_zero, b, b_scale, b_zero, c?, y_scale?, y_zero?): c is i32 in units of
//     alpha times a's scale times b's; without y_scale the result is a float
//
// Source: onnxruntime/docs/ContribOperators.md.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

extern const OnnxRule kQuantizeOnnx[11];  // QuantizeLinear's own, too

}  // namespace fettle::ops
