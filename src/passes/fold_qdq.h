// SPDX-License-Identifier: Apache-2.0
//
// ONNX's QDQ form, in which every operator computes in float between DequantizeLinear and
// QuantizeLinear, becomes quantized values and integer operators, as they were meant.
//
//   before: y = QuantizeLinear(Relu(Conv(DequantizeLinear(x), DequantizeLinear(w), b)), s, z)
//   after:  y(q) = Conv(x(q), w(q), b_i32) {activation = relu}
//
// Only where scales and zero points are constant, the operator has an integer form, its operands
// and its result are codes of one width, and the result goes nowhere but to the QuantizeLinear.
// Unsigned codes become signed ones, less 128 or 32768, which is exact. Everything else stays in
// float between the two. Runs on a graph as a reader made it,
// before folding turns quantized weights into floats.
#pragma once

#include "ir/graph.h"

namespace fettle::passes {

// How many operators now compute on codes.
int fold_qdq(ir::Graph& graph);

}  // namespace fettle::passes
