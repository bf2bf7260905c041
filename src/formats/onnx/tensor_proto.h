// SPDX-License-Identifier: Apache-2.0
//
// ONNX's TensorProto to Tensor and back. Every element type that Fettle computes with, in each
// form that the standard allows: raw bytes, the typed lists (16-bit floats and small integers
// inside int32_data), a file beside the model, and sparse tensors, which become dense. The length
// of the data is checked against the extents before anything is allocated.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/files.h"
#include "base/tensor.h"

namespace fettle::onnx_pb {
class TensorProto;
class SparseTensorProto;
}  // namespace fettle::onnx_pb

namespace fettle::formats {

// The folder that external data is read from, and the files already mapped. Paths that leave the
// folder, by ".." or by a link, are refused. An empty folder refuses all external data.
class ExternalFiles {
 public:
  explicit ExternalFiles(std::string folder) : folder_(std::move(folder)) {}
  Result<std::shared_ptr<const MappedFile>> open(const std::string& location);

 private:
  std::string folder_;
  std::map<std::string, std::shared_ptr<const MappedFile>> opened_;
};

DType dtype_of_onnx(int onnx_type);  // none: a type that Fettle does not take
int onnx_type_of(DType dtype);
std::string onnx_type_name(int onnx_type);  // "float8e4m3fn"; "type 99" when unknown

// Messages of errors do not name the tensor: the caller knows what it is for.
Result<Tensor> to_tensor(const onnx_pb::TensorProto& proto, ExternalFiles& files);
Result<Tensor> to_tensor(const onnx_pb::SparseTensorProto& proto, ExternalFiles& files);
void from_tensor(const Tensor& tensor, const std::string& name, onnx_pb::TensorProto* proto);

}  // namespace fettle::formats
