// SPDX-License-Identifier: Apache-2.0
#include "formats/tflite/metadata.h"

#include <algorithm>
#include <cstdint>

#include "formats/tflite/metadata_generated.h"

namespace fettle::formats::tflite {

namespace {

// Little-endian fields of a zip archive; zero past the end.
uint32_t little(std::string_view bytes, size_t at, size_t width) {
  uint32_t value = 0;
  for (size_t i = 0; i < width && at + i < bytes.size(); ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
  }
  return value;
}

std::string_view within(std::string_view bytes, size_t at, size_t size) {
  return at <= bytes.size() && size <= bytes.size() - at ? bytes.substr(at, size)
                                                         : std::string_view();
}

std::string shown(const flatbuffers::Vector<float>* numbers) {
  std::string s;
  for (float x : *numbers) s += (s.empty() ? "" : " ") + std::to_string(x);
  return s;
}

// A file says "background\r\nperson\r\n..." as often as not.
std::string lines_of(std::string_view text) {
  std::string lines(text);
  std::erase(lines, '\r');
  while (!lines.empty() && lines.back() == '\n') lines.pop_back();
  return lines;
}

template <class T>
const flatbuffers::Vector<T>& or_empty(const flatbuffers::Vector<T>* v) {
  static const uint32_t none = 0;
  return v ? *v : *reinterpret_cast<const flatbuffers::Vector<T>*>(&none);
}

}  // namespace

std::string_view zip_member(std::span<const std::byte> file, std::string_view name) {
  const std::string_view all(reinterpret_cast<const char*>(file.data()), file.size());
  constexpr size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30;
  const size_t end = all.rfind("PK\5\6");
  if (end == std::string_view::npos || all.size() - end < kEndSize) return {};
  const size_t entries = little(all, end + 10, 2), directory_size = little(all, end + 12, 4);
  // Offsets count from where the archive begins: the model's start, or its own.
  const size_t directory = end - std::min(directory_size, end);
  const size_t shift = directory - std::min<size_t>(little(all, end + 16, 4), directory);
  size_t at = directory;
  for (size_t i = 0; i < entries; ++i) {
    const std::string_view entry = within(all, at, kEntrySize);
    if (!entry.starts_with("PK\1\2")) return {};
    const size_t name_size = little(entry, 28, 2);
    const bool stored = little(entry, 10, 2) == 0;
    if (stored && within(all, at + kEntrySize, name_size) == name) {
      const size_t local = shift + little(entry, 42, 4);
      const std::string_view header = within(all, local, kLocalSize);
      if (!header.starts_with("PK\3\4")) return {};
      const size_t names = size_t{little(header, 26, 2)} + little(header, 28, 2);
      return within(all, local + kLocalSize + names, little(entry, 20, 4));
    }
    at += kEntrySize + name_size + little(entry, 30, 2) + little(entry, 32, 2);
  }
  return {};
}

void read_metadata(std::span<const std::byte> bytes, std::span<const std::byte> file,
                   std::map<std::string, std::string>* out) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size());
  if (!metadata::VerifyModelMetadataBuffer(verifier)) return;
  const metadata::ModelMetadata& model = *metadata::GetModelMetadata(data);
  for (const auto* graph : or_empty(model.subgraph_metadata())) {
    for (const auto* tensor : or_empty(graph->input_tensor_metadata())) {
      for (const auto* unit : or_empty(tensor->process_units())) {
        const metadata::NormalizationOptions* n = unit->options_as_NormalizationOptions();
        if (n == nullptr || n->mean() == nullptr || n->std() == nullptr) continue;
        out->emplace("mean", shown(n->mean()));
        out->emplace("std", shown(n->std()));
      }
    }
    for (const auto* tensor : or_empty(graph->output_tensor_metadata())) {
      for (const auto* attached : or_empty(tensor->associated_files())) {
        const bool labels = attached->type() == metadata::AssociatedFileType_TENSOR_AXIS_LABELS ||
                            attached->type() == metadata::AssociatedFileType_TENSOR_VALUE_LABELS;
        if (!labels || attached->name() == nullptr) continue;
        const std::string_view text = zip_member(file, attached->name()->string_view());
        if (!text.empty()) out->emplace("labels", lines_of(text));
      }
    }
  }
}

}  // namespace fettle::formats::tflite
