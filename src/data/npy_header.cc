// SPDX-License-Identifier: Apache-2.0
#include "data/npy_header.h"

#include <charconv>
#include <cstring>
#include <string>

namespace fettle::data {

namespace {
constexpr std::string_view kMagic = "\x93NUMPY";

struct Descr {
  std::string_view text;  // without the byte order
  DType dtype;
};
constexpr Descr kDescrs[] = {
    {"b1", DType::boolean}, {"i1", DType::i8},  {"u1", DType::u8},  {"i2", DType::i16},
    {"u2", DType::u16},     {"i4", DType::i32}, {"u4", DType::u32}, {"i8", DType::i64},
    {"u8", DType::u64},     {"f2", DType::f16}, {"f4", DType::f32}, {"f8", DType::f64},
};

// Walks the dictionary literal. It is flat: no recursion, whatever the bytes are.
class DictReader {
 public:
  explicit DictReader(std::string_view text) : text_(text) {}

  Status read(NpyHeader* header) {
    if (!take('{')) return malformed("does not begin with '{'");
    while (!take('}')) {
      std::string_view key;
      FETTLE_TRY(read_string(&key));
      if (!take(':')) return malformed("has no ':' after '" + std::string(key) + "'");
      FETTLE_TRY(read_value(key, header));
      if (!take(',') && peek() != '}') return malformed("has no ',' between its entries");
    }
    if (!has_descr_ || !has_order_ || !has_shape_) {
      return malformed("lacks one of 'descr', 'fortran_order' and 'shape'");
    }
    return {};
  }

 private:
  static Status malformed(const std::string& what) {
    return invalid_input("the .npy header " + what);
  }
  char peek() {
    while (pos_ < text_.size() && (text_[pos_] == ' ' || text_[pos_] == '\n')) ++pos_;
    return pos_ < text_.size() ? text_[pos_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++pos_;
    return true;
  }
  bool take(std::string_view word) {
    peek();
    if (text_.substr(pos_, word.size()) != word) return false;
    pos_ += word.size();
    return true;
  }
  Status read_string(std::string_view* out) {
    const char quote = peek();
    if (quote != '\'' && quote != '"')
      return malformed("has something else where a string belongs");
    const size_t end = text_.find(quote, pos_ + 1);
    if (end == std::string_view::npos) return malformed("has a string without an end");
    *out = text_.substr(pos_ + 1, end - pos_ - 1);
    pos_ = end + 1;
    return {};
  }
  Status read_value(std::string_view key, NpyHeader* header) {
    if (key == "descr") {
      has_descr_ = true;
      return read_descr(header);
    }
    if (key == "fortran_order") {
      has_order_ = true;
      header->fortran_order = take("True");
      if (header->fortran_order || take("False")) return {};
      return malformed("has a 'fortran_order' that is neither True nor False");
    }
    if (key == "shape") {
      has_shape_ = true;
      return read_shape(&header->dims);
    }
    return malformed("has the unknown key '" + std::string(key.substr(0, 40)) + "'");
  }
  Status read_descr(NpyHeader* header) {
    if (peek() == '[') return unsupported("the array has a structured type; save one plain array");
    std::string_view descr;
    FETTLE_TRY(read_string(&descr));
    std::string_view kind = descr;
    if (!kind.empty() && std::strchr("<>|=", kind[0]) != nullptr) {
      header->big_endian = kind[0] == '>';
      kind.remove_prefix(1);
    }
    if (kind.substr(0, 1) == "O") {
      return unsupported("the array holds Python objects, which are never unpickled; save numbers");
    }
    for (const Descr& d : kDescrs) {
      if (d.text == kind) header->dtype = d.dtype;
    }
    if (header->dtype != DType::none) return {};
    return unsupported("arrays of type '" + std::string(descr.substr(0, 40)) +
                       "' are not read; convert with astype to a float, integer or bool type");
  }
  Status read_shape(Dims* dims) {
    if (!take('(')) return malformed("has a 'shape' that is not a tuple");
    dims->resize(0);
    while (!take(')')) {
      peek();
      int64_t extent = 0;
      const char* first = text_.data() + pos_;
      const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), extent);
      if (error != std::errc() || extent < 0) return malformed("has a bad extent in 'shape'");
      pos_ += static_cast<size_t>(end - first);
      if (dims->rank() == kMaxRank) {
        return unsupported("the array has more than " + std::to_string(kMaxRank) + " dimensions");
      }
      dims->push_back(extent);
      if (!take(',') && peek() != ')') return malformed("has a bad 'shape'");
    }
    if (!dims->valid()) return malformed("has a 'shape' with too many elements");
    return {};
  }

  std::string_view text_;
  size_t pos_ = 0;
  bool has_descr_ = false, has_order_ = false, has_shape_ = false;
};
}  // namespace

Result<NpyHeader> parse_npy_header(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic || bytes.size() < 10) {
    return invalid_input("not a .npy file: it does not begin with \\x93NUMPY");
  }
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<uint8_t>(bytes[i])); };
  const size_t version = byte(6);
  if (version < 1 || version > 3) {
    return unsupported(".npy format version " + std::to_string(version) + " is not known");
  }
  const size_t begin = version == 1 ? 10 : 12;
  if (bytes.size() < begin) return invalid_input("the .npy file ends within its header");
  size_t length = byte(8) | byte(9) << 8;
  if (version > 1) length |= byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - begin) return invalid_input("the .npy file ends within its header");
  NpyHeader header;
  header.data_offset = begin + length;
  FETTLE_TRY(DictReader(bytes.substr(begin, length)).read(&header));
  return header;
}

std::string_view npy_descr(DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return "|b1";
    case DType::i8:
      return "|i1";
    case DType::u8:
      return "|u1";
    case DType::i16:
      return "<i2";
    case DType::u16:
      return "<u2";
    case DType::i32:
      return "<i4";
    case DType::u32:
      return "<u4";
    case DType::i64:
      return "<i8";
    case DType::u64:
      return "<u8";
    case DType::f16:
      return "<f2";
    case DType::f32:
      return "<f4";
    case DType::f64:
      return "<f8";
    case DType::bf16:
    case DType::none:
      break;
  }
  return {};
}

}  // namespace fettle::data
