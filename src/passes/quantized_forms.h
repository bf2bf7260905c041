// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a node that meets quantized operands. Most operators take them: they move codes
// or have an integer form. For the others, in this order:
//
//   Sigmoid(x)      ->  Lookup(x, table)      a function of one code (QuantRule::table) that has
//                                             no integer form of its own
//   LayerNorm(x, w) ->  QuantizeLinear(LayerNorm(DequantizeLinear(x), w))
//
// The second is exact to a rounding but slow: a report names such nodes by their operators.
// Called from infer_types for each node whose operands have types, before its own are inferred.
#pragma once

#include "ir/graph.h"

namespace fettle::passes {

// Whether an operand, or an output as the graph states it, is quantized.
bool touches_quantized(const ir::Node& node);

// True: nodes around `node`, or in its place, are new and have no types yet; it may be gone.
// Asking again of what it has left is false.
Result<bool> give_quantized_form(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::passes
