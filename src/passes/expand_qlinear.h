// SPDX-License-Identifier: Apache-2.0
//
// ONNX's QOperator form, in which operators read and write codes, becomes the QDQ form, which
// fold_qdq then makes quantized values and integer operators of.
//
//   before: y = QLinearConv(x, xs, xz, w, ws, wz, ys, yz, b)
//           z = MaxPool(y)
//   after:  c = Conv(DequantizeLinear(x, xs, xz), DequantizeLinear(w, ws, wz), b in float)
//           y = QuantizeLinear(c, ys, yz)
//           z = QuantizeLinear(MaxPool(DequantizeLinear(y, ys, yz)), ys, yz)
//
// Only where codes come from a QuantizeLinear and weights are constant, so that fold_qdq takes them
// and sums stay exact. The others run as they are.
#pragma once

#include "ir/graph.h"

namespace fettle::passes {

// How many operators now stand between DequantizeLinear and QuantizeLinear.
int expand_qlinear(ir::Graph& graph);

}  // namespace fettle::passes
