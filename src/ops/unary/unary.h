// SPDX-License-Identifier: Apache-2.0
//
// Operators of one operand that compute each element by itself. A member is a formula: a struct
// with its ONNX name, its parameters (attributes, read once outside the loop) and `apply`, which
// is written once for float and double. f16 and bf16 go through float in small blocks.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

struct UnaryParams {
  float a = 0, b = 0;
  bool flag = false;
};

using FloatLoop = void (*)(const float*, float*, int64_t, const UnaryParams&);
using DoubleLoop = void (*)(const double*, double*, int64_t, const UnaryParams&);

// Input 0 a float tensor, output 0 the same; refuses quantized operands.
Status infer_float_unary(const char* op, const OpCall& call);
Status run_float_unary(const OpCall& call, FloatLoop f32, DoubleLoop f64, const UnaryParams& p);

// Attributes of old opsets that mean nothing.
Status drop_consumed_inputs(ir::Graph& graph, ir::Node* node, int opset);

std::vector<Case> unary_cases(double low, double high);

}  // namespace fettle::ops
