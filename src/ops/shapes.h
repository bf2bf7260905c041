// SPDX-License-Identifier: Apache-2.0
//
// The rules about shapes and axes that many operators share. Nothing here allocates on success.
#pragma once

#include "base/op_call.h"
#include "base/rows.h"

namespace fettle::ops {

// Axis in [-rank, rank) made non-negative, or an error that names the operator.
Status normalize_axis(const char* op, int64_t axis, int rank, int* out);
// NumPy's broadcasting of two shapes. An error names both.
Status broadcast(const char* op, const Dims& a, const Dims& b, Dims* out);
// The larger extent along each axis, the last axes aligned: no broadcast of smaller ones is larger.
Dims widest(const Dims& a, const Dims& b);
// Row-major strides in elements; 0 along extents of `dims` that are broadcast to `to`.
struct Strides {
  int64_t step[kMaxRank] = {};
};
Strides broadcast_strides(const Dims& dims, const Dims& to);
Strides row_major_strides(const Dims& dims);

// Output 0 takes input 0's type and shape; its quantization stays what the file states.
Status infer_same(const OpCall& call);
// Output 0 takes input 0's quantization, for operators that move elements. Refused where it
// differs by channel: the channels may lie elsewhere afterwards.
Status inherit_quant(const char* op, const OpCall& call);

// Element k of a small integer input (axes, shape, ...) whose data is known: i32 or i64.
bool has_values(const OpCall& call, size_t input);
int64_t value_at(const TensorView& view, int64_t k);
// An error that says which input has to be known before the session is made.
Status needs_value(const char* op, const char* input);

// In-place rule of elementwise operators: same bytes, same shape.
bool in_place_same_shape(const OpCall& call, int input);
// Row rule of elementwise operators: the output's own rows of each input of its shape.
bool rows_same(const OpCall& call, int input, Rows out, Rows* in);
// The same for operators that only relabel or select: input 0 only.
bool in_place_first(const OpCall& call, int input);

}  // namespace fettle::ops
