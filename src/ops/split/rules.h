// SPDX-License-Identifier: Apache-2.0
//
// How Split is read from ONNX of all ages, written, and read from TFLite, where it
// also is UNPACK (parts of extent one that lose their axis).
#pragma once

#include "ops/op.h"

namespace fettle::ops {

Status read_split(ir::Graph& graph, ir::Node* node, int opset);
Status write_split(ir::Graph& graph, ir::Node* node);
Status from_tflite_split(ir::Graph& graph, ir::Node* node);
Status from_tflite_split_v(ir::Graph& graph, ir::Node* node);
Status from_tflite_unpack(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::ops
