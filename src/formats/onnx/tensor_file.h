// SPDX-License-Identifier: Apache-2.0
//
// A single tensor in a file of its own: a serialized TensorProto, as the ONNX standard's tests
// and many models' samples keep their inputs and outputs.
#pragma once

#include <string>
#include <string_view>

#include "base/tensor.h"

namespace fettle::formats {

struct NamedTensor {
  std::string name;
  Tensor tensor;
};
Result<NamedTensor> read_tensor_proto(std::string_view bytes);
std::string write_tensor_proto(const std::string& name, const Tensor& tensor);

}  // namespace fettle::formats
