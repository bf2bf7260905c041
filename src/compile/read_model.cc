// SPDX-License-Identifier: Apache-2.0
#include "compile/read_model.h"

#include <cstring>

#include "base/files.h"
#include "formats/onnx/reader.h"
#include "formats/tflite/read_tflite.h"

namespace fettle::compile {

Result<Format> sniff(const std::string& path) {
  FETTLE_ASSIGN(const auto file, MappedFile::open(path));
  const auto bytes = file->bytes();
  const auto starts = [&](size_t at, const char* magic) {
    const size_t n = std::strlen(magic);
    return bytes.size() >= at + n && std::memcmp(bytes.data() + at, magic, n) == 0;
  };
  if (starts(0, "FETTLE")) return Format::package;
  if (starts(4, "TFL3")) return Format::tflite;
  // Protobuf has no magic: an ONNX model begins with field 1 or another small field tag.
  if (path.ends_with(".onnx")) return Format::onnx;
  if (bytes.size() > 2 && bytes[0] == std::byte{0x08}) return Format::onnx;
  return Format::unknown;
}

Result<std::unique_ptr<ir::Graph>> read_model(const std::string& path) {
  FETTLE_ASSIGN(const Format format, sniff(path));
  switch (format) {
    case Format::onnx:
      return formats::read_onnx(path);
    case Format::tflite:
      return formats::read_tflite(path);
    case Format::package:
      return unsupported(
          "is a compiled package, which cannot be changed any more; "
          "give the ONNX or TFLite model it was made from",
          path);
    case Format::unknown:
      break;
  }
  return invalid_input("is neither an ONNX nor a TFLite model nor a Fettle package", path);
}

}  // namespace fettle::compile
