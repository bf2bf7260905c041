// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/tensor_proto.h"

#include <onnx.pb.h>

#include <charconv>
#include <cstring>
#include <filesystem>

namespace fettle::formats {

namespace {

struct TypeRow {
  const char* name;
  DType dtype;
};
// Indexed by TensorProto.DataType.
constexpr TypeRow kTypes[] = {{"undefined", DType::none},
                              {"float32", DType::f32},
                              {"uint8", DType::u8},
                              {"int8", DType::i8},
                              {"uint16", DType::u16},
                              {"int16", DType::i16},
                              {"int32", DType::i32},
                              {"int64", DType::i64},
                              {"string", DType::none},
                              {"bool", DType::boolean},
                              {"float16", DType::f16},
                              {"float64", DType::f64},
                              {"uint32", DType::u32},
                              {"uint64", DType::u64},
                              {"complex64", DType::none},
                              {"complex128", DType::none},
                              {"bfloat16", DType::bf16},
                              {"float8e4m3fn", DType::none},
                              {"float8e4m3fnuz", DType::none},
                              {"float8e5m2", DType::none},
                              {"float8e5m2fnuz", DType::none},
                              {"uint4", DType::none},
                              {"int4", DType::none},
                              {"float4e2m1", DType::none},
                              {"float8e8m0", DType::none},
                              {"uint2", DType::none},
                              {"int2", DType::none}};
constexpr int kTypeCount = sizeof(kTypes) / sizeof(kTypes[0]);
constexpr int64_t kMaxDenseBytes = int64_t{256} << 20;  // of an expanded sparse tensor

template <class List>
Result<Dims> read_dims(const List& list) {
  if (list.size() > kMaxRank) {
    return unsupported("it has " + std::to_string(list.size()) + " dimensions; at most " +
                       std::to_string(kMaxRank) + " are supported");
  }
  const Dims dims(list.begin(), list.end());
  if (!dims.valid()) return invalid_input("impossible shape " + dims.to_string());
  return dims;
}

Status wrong_length(size_t has, size_t needs, const char* unit) {
  return invalid_input("it holds " + std::to_string(has) + " " + unit +
                       " where its shape asks for " + std::to_string(needs));
}

// A byte other than 0 and 1 is no bool in C++.
void normalize_bools(Tensor& t) {
  auto* bytes = static_cast<unsigned char*>(t.mutable_raw());
  for (size_t i = 0; i < t.bytes(); ++i) bytes[i] = bytes[i] != 0;
}

Result<Tensor> from_raw(DType dtype, const Dims& dims, const void* data, size_t bytes) {
  const size_t needs = static_cast<size_t>(dims.elements()) * size_of(dtype);
  if (bytes != needs) return wrong_length(bytes, needs, "bytes");
  Tensor t(dtype, dims);
  if (bytes > 0) std::memcpy(t.mutable_raw(), data, bytes);
  if (dtype == DType::boolean) normalize_bools(t);
  return t;
}

template <class T, class List>
Result<Tensor> from_list(const Dims& dims, const List& list) {
  if (list.size() != dims.elements()) {
    return wrong_length(static_cast<size_t>(list.size()), static_cast<size_t>(dims.elements()),
                        "elements");
  }
  Tensor t(kDTypeOf<T>, dims);
  T* out = t.mutable_data<T>().data();
  for (const auto& v : list) {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      (out++)->bits = static_cast<uint16_t>(v);
    } else {
      *out++ = static_cast<T>(v);
    }
  }
  return t;
}

bool read_number(const std::string& text, uint64_t* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Tensor> from_file(DType dtype, const Dims& dims, const onnx_pb::TensorProto& proto,
                         ExternalFiles& files) {
  std::string location;
  uint64_t offset = 0, length = 0;
  bool has_length = false;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset" && !read_number(entry.value(), &offset)) {
      return invalid_input("external data: offset '" + entry.value() + "' is no number");
    }
    if (entry.key() == "length") {
      has_length = true;
      if (!read_number(entry.value(), &length)) {
        return invalid_input("external data: length '" + entry.value() + "' is no number");
      }
    }
  }
  FETTLE_ASSIGN(const auto file, files.open(location));
  const size_t size = file->bytes().size();
  const size_t needs = static_cast<size_t>(dims.elements()) * size_of(dtype);
  if (has_length && length != needs) return wrong_length(length, needs, "bytes");
  if (offset > size || needs > size - offset) {
    return invalid_input("external data: bytes " + std::to_string(offset) + " to " +
                         std::to_string(offset + needs) + " are past the end of '" + location +
                         "' (" + std::to_string(size) + " bytes)");
  }
  const std::byte* data = file->bytes().data() + offset;
  const bool aligned = reinterpret_cast<uintptr_t>(data) % 64 == 0;
  if (!aligned || dtype == DType::boolean || needs == 0) return from_raw(dtype, dims, data, needs);
  return Tensor(dtype, dims, data, file);
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> ExternalFiles::open(const std::string& location) {
  namespace fs = std::filesystem;
  if (const auto it = opened_.find(location); it != opened_.end()) return it->second;
  if (folder_.empty()) return invalid_input("it refers to a file, but the model is not one itself");
  const fs::path relative(location);
  bool inside = !location.empty() && relative.is_relative();
  for (const fs::path& part : relative) inside &= part != "..";
  std::error_code root_error, file_error;
  const fs::path root = fs::canonical(folder_, root_error);
  if (inside) {
    const fs::path real = fs::canonical(fs::path(folder_) / relative, file_error);
    if (!root_error && !file_error) {
      const std::string rest = fs::path(real).lexically_relative(root).string();
      inside = !rest.empty() && rest.rfind("..", 0) != 0;
    }
  }
  if (!inside) {
    return invalid_input("external data '" + location + "' is outside the model's own folder");
  }
  FETTLE_ASSIGN(auto file, MappedFile::open((fs::path(folder_) / relative).string()));
  return opened_[location] = std::move(file);
}

DType dtype_of_onnx(int onnx_type) {
  return onnx_type >= 0 && onnx_type < kTypeCount ? kTypes[onnx_type].dtype : DType::none;
}

int onnx_type_of(DType dtype) {
  for (int i = 1; i < kTypeCount; ++i) {
    if (kTypes[i].dtype == dtype) return i;
  }
  return 0;
}

std::string onnx_type_name(int onnx_type) {
  if (onnx_type >= 0 && onnx_type < kTypeCount) return kTypes[onnx_type].name;
  return "type " + std::to_string(onnx_type);
}

Result<Tensor> to_tensor(const onnx_pb::TensorProto& proto, ExternalFiles& files) {
  const DType dtype = dtype_of_onnx(proto.data_type());
  if (dtype == DType::none) {
    return unsupported("it has the element type " + onnx_type_name(proto.data_type()) +
                       ", which Fettle does not compute with");
  }
  FETTLE_ASSIGN(const Dims dims, read_dims(proto.dims()));
  if (proto.data_location() == 1) return from_file(dtype, dims, proto, files);
  if (proto.has_raw_data()) {
    return from_raw(dtype, dims, proto.raw_data().data(), proto.raw_data().size());
  }
  switch (dtype) {
    case DType::f32:
      return from_list<float>(dims, proto.float_data());
    case DType::f64:
      return from_list<double>(dims, proto.double_data());
    case DType::f16:
      return from_list<Half>(dims, proto.int32_data());
    case DType::bf16:
      return from_list<BFloat16>(dims, proto.int32_data());
    case DType::i8:
      return from_list<int8_t>(dims, proto.int32_data());
    case DType::u8:
      return from_list<uint8_t>(dims, proto.int32_data());
    case DType::i16:
      return from_list<int16_t>(dims, proto.int32_data());
    case DType::u16:
      return from_list<uint16_t>(dims, proto.int32_data());
    case DType::i32:
      return from_list<int32_t>(dims, proto.int32_data());
    case DType::boolean:
      return from_list<bool>(dims, proto.int32_data());
    case DType::i64:
      return from_list<int64_t>(dims, proto.int64_data());
    case DType::u32:
      return from_list<uint32_t>(dims, proto.uint64_data());
    case DType::u64:
      return from_list<uint64_t>(dims, proto.uint64_data());
    case DType::none:
      break;
  }
  return unsupported("it has no element type");
}

Result<Tensor> to_tensor(const onnx_pb::SparseTensorProto& proto, ExternalFiles& files) {
  FETTLE_ASSIGN(const Tensor values, to_tensor(proto.values(), files));
  FETTLE_ASSIGN(const Tensor indices, to_tensor(proto.indices(), files));
  FETTLE_ASSIGN(const Dims dims, read_dims(proto.dims()));
  const int64_t count = values.elements();
  const size_t size = size_of(values.dtype());
  if (dims.elements() > kMaxDenseBytes / static_cast<int64_t>(size)) {
    return unsupported("it is sparse, and too large to be made dense: " + dims.to_string());
  }
  const bool linear = indices.dims().rank() == 1;
  const Dims expected = linear ? Dims{count} : Dims{count, dims.rank()};
  if (indices.dtype() != DType::i64 || !(indices.dims() == expected) || values.dims().rank() != 1) {
    return invalid_input("it is sparse, and its indices do not fit its values");
  }
  Tensor dense(values.dtype(), dims);
  const auto* from = static_cast<const std::byte*>(values.raw());
  auto* to = static_cast<std::byte*>(dense.mutable_raw());
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = linear ? indices.data<int64_t>()[static_cast<size_t>(i)] : 0;
    bool inside = at >= 0 && at < dims.elements();
    for (int d = 0; !linear && inside && d < dims.rank(); ++d) {
      const int64_t index = indices.data<int64_t>()[static_cast<size_t>(i * dims.rank() + d)];
      inside = index >= 0 && index < dims[d];
      at = at * dims[d] + index;
    }
    if (!inside) return invalid_input("it is sparse, and an index is outside its shape");
    std::memcpy(to + static_cast<size_t>(at) * size, from + static_cast<size_t>(i) * size, size);
  }
  return dense;
}

void from_tensor(const Tensor& tensor, const std::string& name, onnx_pb::TensorProto* proto) {
  proto->set_name(name);
  proto->set_data_type(onnx_type_of(tensor.dtype()));
  for (int64_t e : tensor.dims()) proto->add_dims(e);
  proto->set_raw_data(tensor.raw(), tensor.bytes());
}

}  // namespace fettle::formats
