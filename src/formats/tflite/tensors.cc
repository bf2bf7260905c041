// SPDX-License-Identifier: Apache-2.0
#include "formats/tflite/tensors.h"

#include <cmath>
#include <cstring>

#include "formats/tflite/options.h"

namespace fettle::formats::tflite {

namespace {

bool takes_quantization(DType type) {
  return type == DType::i8 || type == DType::u8 || type == DType::i16 || type == DType::i32 ||
         type == DType::i64;
}

// int64 zero points, that must fit the element type's range (any int32 for wider types).
bool zero_point_fits(int64_t zero_point, DType type) {
  switch (type) {
    case DType::i8:
      return zero_point >= -128 && zero_point <= 127;
    case DType::u8:
      return zero_point >= 0 && zero_point <= 255;
    default:
      return zero_point == 0;
  }
}

// The verifier looks where a vector's length lies, not where its elements do.
int64_t element_at(const flatbuffers::Vector<int64_t>& vector, size_t i) {
  int64_t element;
  std::memcpy(&element, vector.Data() + i * sizeof element, sizeof element);
  return flatbuffers::EndianScalar(element);
}

Result<std::shared_ptr<const Quantization>> read_quantization(
    const schema::QuantizationParameters& q, DType type, const Dims& dims) {
  auto out = std::make_shared<Quantization>();
  const size_t n = q.scale()->size();
  if (q.details_type() != 0) return unsupported("a custom form of quantization");
  out->axis = n > 1 ? q.quantized_dimension() : 0;
  if (n > 1 &&
      (out->axis < 0 || out->axis >= dims.rank() || dims[out->axis] != static_cast<int64_t>(n))) {
    return invalid_input(std::to_string(n) + " quantization scales along dimension " +
                         std::to_string(out->axis) + " of a tensor of shape " + dims.to_string());
  }
  const size_t points = q.zero_point() ? q.zero_point()->size() : 0;
  if (points != 0 && points != 1 && points != n) {
    return invalid_input("as many zero points as scales are needed");
  }
  for (size_t i = 0; i < n; ++i) {
    const float scale = q.scale()->Get(static_cast<uint32_t>(i));
    const int64_t zero = points == 0 ? 0 : element_at(*q.zero_point(), points == 1 ? 0 : i);
    if (!std::isfinite(scale) || scale < 0) return invalid_input("impossible quantization scale");
    if (!zero_point_fits(zero, type)) return invalid_input("impossible zero point");
    out->scale.push_back(scale);
    out->zero_point.push_back(static_cast<int32_t>(zero));
  }
  return std::shared_ptr<const Quantization>(std::move(out));
}

Tensor unpack_int4(const Dims& dims, std::span<const std::byte> bytes) {
  Tensor t(DType::i8, dims);
  const auto out = t.mutable_data<int8_t>();
  for (size_t i = 0; i < out.size(); ++i) {
    const int nibble = (static_cast<int>(bytes[i / 2]) >> (4 * (i % 2))) & 15;
    out[i] = static_cast<int8_t>(nibble >= 8 ? nibble - 16 : nibble);
  }
  return t;
}

}  // namespace

Result<TensorType> read_type(const schema::Tensor& tensor) {
  TensorType type;
  type.dtype = dtype_of(tensor.type());
  if (type.dtype == DType::none) {
    return unsupported(std::string("element type ") + schema::EnumNameTensorType(tensor.type()));
  }
  if (tensor.is_variable()) return unsupported("a variable: the model keeps state between runs");
  if (tensor.sparsity() != nullptr) return unsupported("a sparse tensor");
  const auto* shape = tensor.shape();
  const size_t rank = shape ? shape->size() : 0;
  if (rank > static_cast<size_t>(kMaxRank)) {
    return unsupported("a tensor of " + std::to_string(rank) + " dimensions");
  }
  for (size_t i = 0; i < rank; ++i) type.dims.push_back(shape->Get(static_cast<uint32_t>(i)));
  if (!type.dims.valid()) return invalid_input("impossible shape " + type.dims.to_string());
  type.signature.assign(type.dims.begin(), type.dims.end());
  const auto* signature = tensor.shape_signature();
  if (signature != nullptr && signature->size() > 0) {
    if (signature->size() != rank) return invalid_input("shape and its signature disagree");
    for (size_t i = 0; i < rank; ++i) {
      if (signature->Get(static_cast<uint32_t>(i)) < 0) type.signature[i] = -1;
    }
  }
  const schema::QuantizationParameters* q = tensor.quantization();
  if (q != nullptr && q->scale() != nullptr && q->scale()->size() > 0 &&
      takes_quantization(type.dtype)) {
    FETTLE_ASSIGN(type.quant, read_quantization(*q, type.dtype, type.dims));
  }
  if (type.dtype == DType::u8 && type.quant) {
    type.dtype = DType::i8;
    type.quant = shift_quantization(*type.quant, -128);
    type.shifted = true;
  }
  return type;
}

Result<std::span<const std::byte>> buffer_bytes(const schema::Model& model, uint32_t index,
                                                const FileBytes& file) {
  const auto* buffers = model.buffers();
  if (buffers == nullptr || index >= buffers->size()) {
    return invalid_input("buffer " + std::to_string(index) + " is not in the file");
  }
  const schema::Buffer* buffer = buffers->Get(index);
  if (buffer->data() != nullptr && buffer->data()->size() > 0) {
    return std::as_bytes(std::span(buffer->data()->data(), buffer->data()->size()));
  }
  if (buffer->offset() > 1) {  // outside the flatbuffer, in a file too large for one
    const uint64_t offset = buffer->offset(), size = buffer->size();
    if (offset > file.bytes.size() || size > file.bytes.size() - offset) {
      return invalid_input("buffer " + std::to_string(index) + " ends past the file");
    }
    return file.bytes.subspan(offset, size);
  }
  return std::span<const std::byte>();
}

Result<Tensor> read_constant(const schema::Tensor& tensor, const TensorType& type,
                             std::span<const std::byte> bytes, const FileBytes& file) {
  const auto elements = static_cast<size_t>(type.dims.elements());
  const bool packed = tensor.type() == schema::TensorType_INT4;
  const size_t needed = packed ? (elements + 1) / 2 : elements * size_of(type.dtype);
  if (bytes.size() != needed) {
    return invalid_input("shape " + type.dims.to_string() + " takes " + std::to_string(needed) +
                         " bytes, the file has " + std::to_string(bytes.size()));
  }
  Tensor made;
  if (packed) {
    made = unpack_int4(type.dims, bytes);
  } else if (type.shifted) {
    made = Tensor(DType::i8, type.dims);
    const auto out = made.mutable_data<int8_t>();
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<int8_t>(static_cast<int>(bytes[i]) - 128);
    }
  } else if (file.owner != nullptr &&
             reinterpret_cast<uintptr_t>(bytes.data()) % size_of(type.dtype) == 0 &&
             type.dtype != DType::boolean) {
    made = Tensor(type.dtype, type.dims, bytes.data(), file.owner);
  } else {
    made = Tensor(type.dtype, type.dims);
    if (needed > 0) std::memcpy(made.mutable_raw(), bytes.data(), needed);
    if (type.dtype == DType::boolean) {  // a bool has two values, a byte of the file may not
      auto* b = static_cast<uint8_t*>(made.mutable_raw());
      for (size_t i = 0; i < elements; ++i) b[i] = b[i] != 0;
    }
  }
  made.set_quant(type.quant);
  return made;
}

std::shared_ptr<const Quantization> shift_quantization(const Quantization& quant, int32_t by) {
  auto shifted = std::make_shared<Quantization>(quant);
  for (int32_t& z : shifted->zero_point) z += by;
  return shifted;
}

Tensor dequantize(const Tensor& tensor) {
  const Quantization& q = *tensor.quant();
  Tensor out(DType::f32, tensor.dims());
  const std::vector<int64_t> from = to_int64(tensor.view());
  const auto to = out.mutable_data<float>();
  const int64_t inner =
      q.per_tensor() ? 1 : tensor.dims().product(q.axis + 1, tensor.dims().rank());
  for (size_t i = 0; i < to.size(); ++i) {
    const size_t c = (i / static_cast<size_t>(std::max<int64_t>(inner, 1))) % q.scale.size();
    to[i] = q.scale[c] * static_cast<float>(from[i] - q.zero_point[c]);
  }
  return out;
}

}  // namespace fettle::formats::tflite
