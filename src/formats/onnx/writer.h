// SPDX-License-Identifier: Apache-2.0
//
// Writes a graph as an ONNX model, IR 10, opset 21: the oldest in which the forms that Fettle's
// operators have are ONNX's own, so that almost every node is written as it stands. An operator
// that ONNX got later raises the opset to its own.
//
// Fused activations and residuals become nodes of their own again. Quantized values become the
// QDQ form that other runtimes read: codes between QuantizeLinear and DequantizeLinear, the
// operators between them in float. Channels-last operators stand between transposes. What ONNX
// does not have is refused by name.
#pragma once

#include <string>

#include "ir/graph.h"

namespace fettle::formats {

// Types of the outputs are stated where the graph is typed, as some readers ask for.
Result<std::string> write_onnx(const ir::Graph& graph);

// The first half: a copy in which every node is one that ONNX has.
Result<std::unique_ptr<ir::Graph>> to_onnx_form(const ir::Graph& graph);

}  // namespace fettle::formats
