// SPDX-License-Identifier: Apache-2.0
//
// How Pad is read from ONNX of all ages and from TFLite, and written.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

Status read_pad(ir::Graph& graph, ir::Node* node, int opset);
Status write_pad(ir::Graph& graph, ir::Node* node);
Status from_tflite_pad(ir::Graph& graph, ir::Node* node);
Status from_tflite_mirror_pad(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::ops
