// SPDX-License-Identifier: Apache-2.0
#include <onnx.pb.h>

#include "formats/onnx/graph_reader.h"

namespace fettle::formats {

namespace {
const char* const kTypeNames[] = {
    "undefined", "float",   "int",    "string",        "tensor",         "graph", "floats", "ints",
    "strings",   "tensors", "graphs", "sparse tensor", "sparse tensors", "type",  "types"};

std::string type_name(int type) {
  const int count = sizeof(kTypeNames) / sizeof(kTypeNames[0]);
  return type >= 0 && type < count ? kTypeNames[type] : "type " + std::to_string(type);
}
}  // namespace

int attribute_type(const onnx_pb::AttributeProto& a) {
  if (a.type() != 0) return a.type();
  if (a.has_f()) return kFloat;
  if (a.has_i()) return kInt;
  if (a.has_s()) return kString;
  if (a.has_t()) return kTensor;
  if (a.has_g()) return kGraph;
  if (a.floats_size() > 0) return kFloats;
  if (a.ints_size() > 0) return kInts;
  if (a.strings_size() > 0) return kStrings;
  if (a.has_sparse_tensor()) return kSparse;
  return 0;
}

Result<Attribute> read_attribute(const onnx_pb::AttributeProto& a) {
  switch (attribute_type(a)) {
    case kFloat:
      return Attribute(a.f());
    case kInt:
      return Attribute(static_cast<int64_t>(a.i()));
    case kString:
      return Attribute(a.s());
    case kFloats:
      return Attribute(std::vector<float>(a.floats().begin(), a.floats().end()));
    case kInts:
      return Attribute(std::vector<int64_t>(a.ints().begin(), a.ints().end()));
    case kStrings:
      return Attribute(std::vector<std::string>(a.strings().begin(), a.strings().end()));
    default:
      return unsupported("attribute '" + a.name() + "' is of kind " + type_name(attribute_type(a)) +
                         ", which is not supported here");
  }
}

Result<Tensor> read_constant(const onnx_pb::NodeProto& node, ExternalFiles& files) {
  if (node.attribute_size() != 1) return invalid_input("a Constant has exactly one attribute");
  const onnx_pb::AttributeProto& a = node.attribute(0);
  switch (attribute_type(a)) {
    case kTensor:
      return to_tensor(a.t(), files);
    case kSparse:
      return to_tensor(a.sparse_tensor(), files);
    case kFloat:
      return Tensor::scalar<float>(a.f());
    case kInt:
      return Tensor::scalar<int64_t>(a.i());
    case kFloats:
      return Tensor::vector<float>({a.floats().data(), static_cast<size_t>(a.floats_size())});
    case kInts: {
      const std::vector<int64_t> values(a.ints().begin(), a.ints().end());
      return Tensor::vector<int64_t>(values);
    }
    default:
      return unsupported("a constant of kind " + type_name(attribute_type(a)) +
                         " is not supported");
  }
}

}  // namespace fettle::formats
