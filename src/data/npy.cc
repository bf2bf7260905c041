// SPDX-License-Identifier: Apache-2.0
#include "data/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/files.h"
#include "data/npy_header.h"

namespace fettle::data {

static_assert(std::endian::native == std::endian::little, "every machine we build for is");

namespace {
// Elements that lie in Fortran order (first index fastest), put into C order.
void copy_from_fortran(const char* from, char* to, const Dims& dims, size_t size) {
  std::array<int64_t, kMaxRank> index{};
  const int64_t count = dims.elements();
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    for (int d = dims.rank() - 1; d >= 0; --d) offset = offset * dims[d] + index[d];
    std::memcpy(to + static_cast<size_t>(i) * size, from + static_cast<size_t>(offset) * size,
                size);
    for (int d = dims.rank() - 1; d >= 0 && ++index[d] == dims[d]; --d) index[d] = 0;
  }
}

void reverse_bytes(char* data, size_t count, size_t size) {
  for (size_t i = 0; i < count; ++i) std::reverse(data + i * size, data + (i + 1) * size);
}

Result<std::string_view> payload_of(const NpyHeader& header, std::string_view bytes) {
  const size_t need = static_cast<size_t>(header.dims.elements()) * size_of(header.dtype);
  const size_t have = bytes.size() - header.data_offset;
  if (have < need) {
    return invalid_input("the .npy file is truncated: shape " + header.dims.to_string() +
                         " needs " + std::to_string(need) + " bytes and " + std::to_string(have) +
                         " are there");
  }
  if (have > need) {
    return invalid_input("the .npy file of shape " + header.dims.to_string() + " has " +
                         std::to_string(have - need) + " bytes after its elements");
  }
  return bytes.substr(header.data_offset, need);
}

Tensor copy_elements(const NpyHeader& header, std::string_view payload) {
  Tensor tensor(header.dtype, header.dims);
  char* to = static_cast<char*>(tensor.mutable_raw());
  const size_t size = size_of(header.dtype);
  if (payload.empty()) return tensor;
  if (header.fortran_order && header.dims.rank() > 1) {
    copy_from_fortran(payload.data(), to, header.dims, size);
  } else {
    std::memcpy(to, payload.data(), payload.size());
  }
  if (header.big_endian && size > 1) reverse_bytes(to, payload.size() / size, size);
  if (header.dtype == DType::boolean) {  // any other byte is no bool in C++
    for (size_t i = 0; i < payload.size(); ++i) to[i] = to[i] != 0;
  }
  return tensor;
}
}  // namespace

Result<Tensor> parse_npy(std::string_view bytes) {
  FETTLE_ASSIGN(const NpyHeader header, parse_npy_header(bytes));
  FETTLE_ASSIGN(const std::string_view payload, payload_of(header, bytes));
  return copy_elements(header, payload);
}

Result<Tensor> read_npy(const std::string& path) {
  FETTLE_ASSIGN(const auto file, MappedFile::open(path));
  auto tensor =
      parse_npy({reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()});
  if (!tensor.ok()) return tensor.take_status().at(path);
  return tensor;
}

Result<Tensor> map_npy(const std::string& path) {
  FETTLE_ASSIGN(const auto file, MappedFile::open(path));
  const std::string_view bytes(reinterpret_cast<const char*>(file->bytes().data()),
                               file->bytes().size());
  auto header = parse_npy_header(bytes);
  if (!header.ok()) return header.take_status().at(path);
  auto payload = payload_of(*header, bytes);
  if (!payload.ok()) return payload.take_status().at(path);
  const size_t size = size_of(header->dtype);
  const bool as_is = !(header->fortran_order && header->dims.rank() > 1) &&
                     !(header->big_endian && size > 1) && header->dtype != DType::boolean &&
                     header->data_offset % size == 0;
  if (!as_is) return copy_elements(*header, *payload);
  return Tensor(header->dtype, header->dims, payload->data(), file);
}

namespace {
std::string_view elements_of(const TensorView& tensor) {
  return {static_cast<const char*>(tensor.data), tensor.bytes()};
}

Result<std::string> format_npy_header(const TensorView& tensor) {
  const std::string_view descr = npy_descr(tensor.dtype);
  if (descr.empty()) {
    return unsupported("NumPy has no element type for " + std::string(name_of(tensor.dtype)) +
                       "; convert to f32 first");
  }
  std::string dict = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (";
  for (int64_t extent : tensor.dims) dict += std::to_string(extent) + ", ";
  if (tensor.dims.rank() > 1) dict.resize(dict.size() - 2);
  if (tensor.dims.rank() == 1) dict.pop_back();
  dict += "), }";
  constexpr size_t kPrefix = 10, kAlignment = 64;
  dict.append(kAlignment - 1 - (kPrefix + dict.size()) % kAlignment, ' ');
  dict += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(dict.size() & 0xff);
  out += static_cast<char>(dict.size() >> 8);
  out += dict;
  return out;
}
}  // namespace

Result<std::string> format_npy(const TensorView& tensor) {
  FETTLE_ASSIGN(std::string bytes, format_npy_header(tensor));
  bytes += elements_of(tensor);
  return bytes;
}

Status write_npy(const std::string& path, const TensorView& tensor) {
  auto header = format_npy_header(tensor);
  if (!header.ok()) return header.take_status().at(path);
  const std::string_view parts[] = {*header, elements_of(tensor)};
  return write_file(path, parts);
}

}  // namespace fettle::data
