// SPDX-License-Identifier: Apache-2.0
#include "formats/tflite/read_tflite.h"

#include <cstring>
#include <vector>

#include "base/files.h"
#include "formats/tflite/metadata.h"
#include "formats/tflite/subgraph_reader.h"

namespace fettle::formats {

namespace {

using tflite::FileBytes;
namespace schema = tflite::schema;

constexpr int kMaxDepth = 32;
constexpr uint32_t kVersion = 3;

Result<const schema::Model*> verified_model(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  if (bytes.size() < 8 || !schema::ModelBufferHasIdentifier(data)) {
    return invalid_input("not a TFLite file: the identifier TFL3 is missing");
  }
  const size_t covered = std::min(bytes.size(), size_t{FLATBUFFERS_MAX_BUFFER_SIZE} - 1);
  flatbuffers::Verifier verifier(data, covered, kMaxDepth,
                                 static_cast<flatbuffers::uoffset_t>(covered / 4 + 1));
  if (!schema::VerifyModelBuffer(verifier)) {
    return invalid_input("a damaged TFLite file: an offset in it leads outside");
  }
  const schema::Model* model = schema::GetModel(data);
  if (model->version() != kVersion) {
    return unsupported("TFLite schema version " + std::to_string(model->version()) +
                       "; only 3 is known");
  }
  const size_t subgraphs = model->subgraphs() ? model->subgraphs()->size() : 0;
  if (subgraphs == 0) return invalid_input("a TFLite file without a subgraph");
  if (subgraphs > 1) {
    return unsupported("a TFLite model of " + std::to_string(subgraphs) +
                       " subgraphs (control flow or several signatures); export one signature "
                       "without IF, WHILE and CALL");
  }
  return model;
}

void read_model_metadata(const schema::Model& model, const FileBytes& file, ir::Graph* graph) {
  if (model.description() != nullptr && model.description()->size() > 0) {
    graph->metadata["description"] = model.description()->str();
  }
  if (model.metadata() == nullptr) return;
  constexpr size_t kMostBytes = size_t{1} << 20;
  for (const schema::Metadata* m : *model.metadata()) {
    if (m->name() == nullptr || m->name()->string_view() != "TFLITE_METADATA") continue;
    const auto bytes = tflite::buffer_bytes(model, m->buffer(), file);
    if (!bytes.ok() || bytes->empty() || bytes->size() > kMostBytes) continue;
    const std::vector<std::byte> aligned(bytes->begin(), bytes->end());
    tflite::read_metadata(aligned, file.bytes, &graph->metadata);
  }
}

}  // namespace

Result<std::unique_ptr<ir::Graph>> read_tflite(std::span<const std::byte> bytes,
                                               std::shared_ptr<const void> owner) {
  FETTLE_ASSIGN(const schema::Model* model, verified_model(bytes));
  const FileBytes file{bytes, std::move(owner)};
  const schema::SubGraph& subgraph = *model->subgraphs()->Get(0);
  auto graph = std::make_unique<ir::Graph>();
  graph->name = subgraph.name() ? subgraph.name()->str() : "";
  FETTLE_TRY(tflite::SubgraphReader(*model, subgraph, file, graph.get()).read());
  read_model_metadata(*model, file, graph.get());
  return graph;
}

Result<std::unique_ptr<ir::Graph>> read_tflite(const std::string& path) {
  FETTLE_ASSIGN(std::shared_ptr<const MappedFile> file, MappedFile::open(path));
  const std::span<const std::byte> bytes = file->bytes();
  auto graph = read_tflite(bytes, std::move(file));
  if (!graph.ok()) return graph.take_status().at(path);
  return graph;
}

}  // namespace fettle::formats
