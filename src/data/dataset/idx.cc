// SPDX-License-Identifier: Apache-2.0
#include "data/dataset/idx.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace fettle::data {

namespace {
DType idx_dtype(uint8_t code) {
  switch (code) {
    case 0x08:
      return DType::u8;
    case 0x09:
      return DType::i8;
    case 0x0b:
      return DType::i16;
    case 0x0c:
      return DType::i32;
    case 0x0d:
      return DType::f32;
    case 0x0e:
      return DType::f64;
    default:
      return DType::none;
  }
}

struct Inflater {
  z_stream stream{};
  bool ready;
  Inflater() : ready(inflateInit2(&stream, 15 + 16) == Z_OK) {}  // 16: gzip
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};
}  // namespace

Result<std::string> gunzip(std::string_view bytes, size_t limit_bytes) {
  if (!bytes.starts_with("\x1f\x8b")) return std::string(bytes);
  if (bytes.size() >= size_t{1} << 31) return unsupported("the gzip file is over 2 GiB");
  Inflater inflater;
  if (!inflater.ready) return Status(Code::out_of_memory, "zlib cannot start");
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  constexpr size_t kChunkBytes = size_t{1} << 20;
  for (int code = Z_OK; code != Z_STREAM_END;) {
    const size_t old = out.size();
    out.resize(old + kChunkBytes);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + old);
    stream.avail_out = kChunkBytes;
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(old + kChunkBytes - stream.avail_out);
    if (out.size() > limit_bytes) {
      return invalid_input("unpacks to over " + std::to_string(limit_bytes >> 20) + " MiB");
    }
    if (code != Z_OK && code != Z_STREAM_END) {
      return invalid_input("the gzip file is damaged or truncated");
    }
  }
  return out;
}

Result<Tensor> parse_idx(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) {
    return invalid_input("not an IDX file: it does not begin with two zero bytes");
  }
  const DType dtype = idx_dtype(static_cast<uint8_t>(bytes[2]));
  const auto rank = static_cast<size_t>(static_cast<uint8_t>(bytes[3]));
  if (dtype == DType::none) return invalid_input("the IDX file has an unknown element type");
  if (rank == 0 || rank > kMaxRank || bytes.size() < 4 + 4 * rank) {
    return invalid_input("the IDX file has a bad number of dimensions");
  }
  Dims dims;
  for (size_t d = 0; d < rank; ++d) {
    uint32_t extent = 0;
    for (size_t b = 0; b < 4; ++b)
      extent = extent << 8 | static_cast<uint8_t>(bytes[4 + 4 * d + b]);
    dims.push_back(extent);
  }
  const std::string_view payload = bytes.substr(4 + 4 * rank);
  const size_t size = size_of(dtype);
  if (!dims.valid() || static_cast<size_t>(dims.elements()) != payload.size() / size ||
      payload.size() % size != 0) {
    return invalid_input("the IDX file of shape " + dims.to_string() + " has " +
                         std::to_string(payload.size()) + " bytes of elements");
  }
  Tensor tensor(dtype, dims);
  auto* to = static_cast<char*>(tensor.mutable_raw());
  if (!payload.empty()) std::memcpy(to, payload.data(), payload.size());
  for (size_t i = 0; size > 1 && i < payload.size(); i += size) std::reverse(to + i, to + i + size);
  return tensor;
}

}  // namespace fettle::data
