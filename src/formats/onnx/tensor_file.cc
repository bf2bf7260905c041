// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/tensor_file.h"

#include <onnx.pb.h>

#include <limits>

#include "formats/onnx/tensor_proto.h"

namespace fettle::formats {

Result<NamedTensor> read_tensor_proto(std::string_view bytes) {
  onnx_pb::TensorProto proto;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return invalid_input("not an ONNX tensor");
  }
  ExternalFiles none("");
  auto tensor = to_tensor(proto, none);
  if (!tensor.ok()) return tensor.take_status().at("tensor '" + proto.name() + "'");
  return NamedTensor{proto.name(), std::move(*tensor)};
}

std::string write_tensor_proto(const std::string& name, const Tensor& tensor) {
  onnx_pb::TensorProto proto;
  from_tensor(tensor, name, &proto);
  return proto.SerializeAsString();
}

}  // namespace fettle::formats
