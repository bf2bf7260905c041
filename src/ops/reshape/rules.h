// SPDX-License-Identifier: Apache-2.0
//
// How shapes and axes that old opsets and TFLite keep as attributes become inputs.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

Status read_reshape(ir::Graph& graph, ir::Node* node, int opset);
Status read_axes_attribute(ir::Graph& graph, ir::Node* node, int opset);
Status from_tflite_reshape(ir::Graph& graph, ir::Node* node);
Status from_tflite_squeeze(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::ops
