// SPDX-License-Identifier: Apache-2.0
//
// Replaces every call of a model-local function by the function's body, in the protobuf messages
// themselves, before the graph is read.
//
//   before: y = my.domain:Swish(x)        function Swish(a) { s = Sigmoid(a); b = Mul(a, s) }
//   after:  y/s = Sigmoid(x); y = Mul(x, y/s)
//
// Values inside are named after the call's first output. References to the call's attributes
// become the attributes. Nesting, the number of nodes and the bytes copied are bounded, so that a
// small file cannot unfold into a huge graph.
#pragma once

#include "base/status.h"

namespace fettle::onnx_pb {
class ModelProto;
}

namespace fettle::formats {

// Afterwards each node states the opset of its domain, as well.
Status expand_functions(onnx_pb::ModelProto* model);

}  // namespace fettle::formats
