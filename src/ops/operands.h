// SPDX-License-Identifier: Apache-2.0
//
// Checks of operand types that inference of many operators makes, and reading single elements of
// small float operands (scales, biases, thresholds) whatever their float type.
#pragma once

#include "base/op_call.h"

namespace fettle::ops {

// An error if the operand is not f32, f64, f16 or bf16.
Status require_float(const char* op, const char* operand, const TensorView& view);
// An error if the two operands differ in type.
Status require_same_dtype(const char* op, const TensorView& a, const TensorView& b);
Status require_dims(const char* op, const char* operand, const TensorView& view, const Dims& dims);
Status require_rank(const char* op, const char* operand, const TensorView& view, int least,
                    int most);
// For an operator that has no integer form: an error if an input or a stated output is quantized.
Status refuse_quantized(const char* op, const OpCall& call);
// Whether the extents of any input depend on data.
bool any_dynamic(const OpCall& call);

// Element i of any numeric tensor.
double number_at(const TensorView& view, int64_t i);
// Stores a number as element i of a tensor of any numeric type; integers take its integer part.
void set_number(const TensorView& view, int64_t i, double value);

}  // namespace fettle::ops
