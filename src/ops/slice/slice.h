// SPDX-License-Identifier: Apache-2.0
//
// Slice: elements start, start + step, ... before end, along some axes. Negative positions count
// from the end and are clamped to the tensor, as NumPy does.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// What a Slice takes along each axis of the input.
struct SliceSpan {
  int64_t start = 0, step = 1, count = 0;
};
// `known` is false where starts, ends, axes or steps depend on data: then spans are upper bounds.
Status resolve_slice(const OpCall& call, SliceSpan (&spans)[kMaxRank], bool* known);

Status read_slice(ir::Graph& graph, ir::Node* node, int opset);
Status from_tflite_slice(ir::Graph& graph, ir::Node* node);
Status from_tflite_strided_slice(ir::Graph& graph, ir::Node* node);
Status from_tflite_reverse(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::ops
