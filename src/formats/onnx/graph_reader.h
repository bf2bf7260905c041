// SPDX-License-Identifier: Apache-2.0
//
// One GraphProto, functions already expanded, into an ir::Graph: the reader's middle part.
#pragma once

#include "formats/onnx/tensor_proto.h"
#include "ir/graph.h"

namespace fettle::onnx_pb {
class GraphProto;
class NodeProto;
class AttributeProto;
}  // namespace fettle::onnx_pb

namespace fettle::formats {

Status read_graph(const onnx_pb::GraphProto& proto, ExternalFiles& files, ir::Graph* graph);

// The value of a Constant node, in whichever of its attributes that stands.
Result<Tensor> read_constant(const onnx_pb::NodeProto& node, ExternalFiles& files);
// Attributes that are numbers, strings and lists of them.
Result<Attribute> read_attribute(const onnx_pb::AttributeProto& proto);
// AttributeProto.type, told from what is filled in where an old file leaves it out.
int attribute_type(const onnx_pb::AttributeProto& proto);
enum OnnxAttributeType {
  kFloat = 1,
  kInt,
  kString,
  kTensor,
  kGraph,
  kFloats,
  kInts,
  kStrings,
  kTensors,
  kGraphs,
  kSparse
};

}  // namespace fettle::formats
