// SPDX-License-Identifier: Apache-2.0
//
// TFLite's tensors in this project's terms: element types, quantization, and constant data
// borrowed from the file, checked against the shape first.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/tensor.h"
#include "formats/tflite/schema_generated.h"

namespace fettle::formats::tflite {

struct FileBytes {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;  // null: nothing may be borrowed
};

// What a tensor of the file is inside the graph.
struct TensorType {
  DType dtype = DType::none;  // i8 for a uint8 tensor that was shifted
  Dims dims;
  std::vector<int64_t> signature;  // -1: dynamic
  std::shared_ptr<const Quantization> quant;
  bool shifted = false;  // uint8 in the file
};

Result<TensorType> read_type(const schema::Tensor& tensor);

// The bytes of buffer `index`; empty for a tensor that is computed.
Result<std::span<const std::byte>> buffer_bytes(const schema::Model& model, uint32_t index,
                                                const FileBytes& file);
// A constant of `type` out of the bytes in the file.
Result<Tensor> read_constant(const schema::Tensor& tensor, const TensorType& type,
                             std::span<const std::byte> bytes, const FileBytes& file);

// The same quantization of a uint8 tensor once 128 has been taken from its elements, and back.
std::shared_ptr<const Quantization> shift_quantization(const Quantization& quant, int32_t by);

// The floats that a quantized constant stands for.
Tensor dequantize(const Tensor& tensor);

}  // namespace fettle::formats::tflite
