// SPDX-License-Identifier: Apache-2.0
//
// How operators of one operand are read and written where a formula has another name or none.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// Microsoft's Gelus, which exporters wrote before ONNX had one.
Status from_fast_gelu(ir::Graph& graph, ir::Node* node, int opset);   // with a bias
Status from_quick_gelu(ir::Graph& graph, ir::Node* node, int opset);  // x * sigmoid(1.702 x)
// Swish of one operand times the other.
Status from_swiglu(ir::Graph& graph, ir::Node* node, int opset);
// Opset 21 has no Swish: it becomes what it is made of.
Status swish_to_onnx(ir::Graph& graph, ir::Node* node);

Status from_tflite_gelu(ir::Graph& graph, ir::Node* node);
Status from_tflite_rsqrt(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::ops
