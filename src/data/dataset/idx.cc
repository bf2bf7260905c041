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

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

// At most `limit_bytes` of what is packed; *all: whether there was no more.
Result<std::string> inflate_start(std::string_view bytes, size_t limit_bytes, bool* all) {
  if (bytes.size() >= size_t{1} << 31) return unsupported("the gzip file is over 2 GiB");
  Inflater inflater;
  if (!inflater.ready) return Status(Code::out_of_memory, "zlib cannot start");
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  constexpr size_t kChunkBytes = size_t{1} << 20;
  int code = Z_OK;
  while (code != Z_STREAM_END && out.size() <= limit_bytes) {
    const size_t old = out.size();
    const size_t chunk = std::min(kChunkBytes, limit_bytes - old + 1);  // 1: is there more?
    out.resize(old + chunk);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + old);
    stream.avail_out = static_cast<uInt>(chunk);
    code = inflate(&stream, Z_NO_FLUSH);
    out.resize(old + chunk - stream.avail_out);
    if (code != Z_OK && code != Z_STREAM_END) {
      return invalid_input("the gzip file is damaged or truncated");
    }
  }
  *all = out.size() <= limit_bytes;
  if (!*all) out.resize(limit_bytes);
  return out;
}

struct Header {
  DType dtype;
  Dims dims;
  size_t bytes;  // of the header itself
  size_t payload_bytes() const { return static_cast<size_t>(dims.elements()) * size_of(dtype); }
};

Result<Header> parse_header(std::string_view bytes) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) {
    return invalid_input("not an IDX file: it does not begin with two zero bytes");
  }
  const auto rank = static_cast<size_t>(static_cast<uint8_t>(bytes[3]));
  Header header{idx_dtype(static_cast<uint8_t>(bytes[2])), {}, 4 + 4 * rank};
  if (header.dtype == DType::none) {
    return invalid_input("the IDX file has an unknown element type");
  }
  if (rank == 0 || rank > kMaxRank || bytes.size() < header.bytes) {
    return invalid_input("the IDX file has a bad number of dimensions");
  }
  for (size_t d = 0; d < rank; ++d) {
    uint32_t extent = 0;
    for (size_t b = 0; b < 4; ++b)
      extent = extent << 8 | static_cast<uint8_t>(bytes[4 + 4 * d + b]);
    header.dims.push_back(extent);
  }
  if (!header.dims.valid()) {
    return invalid_input("the IDX file has the impossible shape " + header.dims.to_string());
  }
  return header;
}
}  // namespace

Result<std::string> gunzip(std::string_view bytes, size_t limit_bytes) {
  if (!is_gzip(bytes)) return std::string(bytes);
  bool all = false;
  FETTLE_ASSIGN(std::string out, inflate_start(bytes, limit_bytes, &all));
  if (!all) return invalid_input("unpacks to over " + std::to_string(limit_bytes >> 20) + " MiB");
  return out;
}

Result<Tensor> parse_idx(std::string_view bytes) {
  FETTLE_ASSIGN(const Header header, parse_header(bytes));
  const std::string_view payload = bytes.substr(header.bytes);
  const size_t size = size_of(header.dtype);
  if (payload.size() != header.payload_bytes()) {
    return invalid_input("the IDX file of shape " + header.dims.to_string() + " has " +
                         std::to_string(payload.size()) + " bytes of elements");
  }
  Tensor tensor(header.dtype, header.dims);
  auto* to = static_cast<char*>(tensor.mutable_raw());
  if (!payload.empty()) std::memcpy(to, payload.data(), payload.size());
  for (size_t i = 0; size > 1 && i < payload.size(); i += size) std::reverse(to + i, to + i + size);
  return tensor;
}

Result<Tensor> unpack_idx(std::string_view bytes, uint64_t limit_bytes) {
  if (!is_gzip(bytes)) return parse_idx(bytes);
  constexpr size_t kMaxHeaderBytes = 4 + 4 * size_t{kMaxRank};
  bool all = false;
  FETTLE_ASSIGN(const std::string start, inflate_start(bytes, kMaxHeaderBytes, &all));
  FETTLE_ASSIGN(const Header header, parse_header(start));
  if (header.payload_bytes() > limit_bytes) {
    return invalid_input("the IDX file of shape " + header.dims.to_string() + " is over " +
                         std::to_string(limit_bytes >> 20) + " MiB");
  }
  FETTLE_ASSIGN(const std::string unpacked,
                inflate_start(bytes, header.bytes + header.payload_bytes(), &all));
  if (!all) {
    return invalid_input("the IDX file of shape " + header.dims.to_string() +
                         " has more bytes of elements than that");
  }
  return parse_idx(unpacked);
}

}  // namespace fettle::data
