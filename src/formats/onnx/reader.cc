// SPDX-License-Identifier: Apache-2.0
#include "formats/onnx/reader.h"

#include <onnx.pb.h>

#include <filesystem>
#include <limits>

#include "formats/onnx/functions.h"
#include "formats/onnx/graph_reader.h"
#include "formats/onnx/tensor_proto.h"

namespace fettle::formats {

Result<std::unique_ptr<ir::Graph>> read_onnx(std::string_view bytes, const std::string& folder) {
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return unsupported("larger than 2 GiB; keep the weights in external data");
  }
  onnx_pb::ModelProto model;
  if (!model.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return invalid_input("not an ONNX model, or a damaged one");
  }
  if (!model.has_graph()) return invalid_input("not an ONNX model: it has no graph");
  FETTLE_TRY(expand_functions(&model));
  auto graph = std::make_unique<ir::Graph>();
  ExternalFiles files(folder);
  FETTLE_TRY(read_graph(model.graph(), files, graph.get()));
  for (const auto& p : model.metadata_props()) graph->metadata[p.key()] = p.value();
  if (!model.producer_name().empty()) {
    graph->metadata.emplace("producer", model.producer_name() + " " + model.producer_version());
  }
  return graph;
}

Result<std::unique_ptr<ir::Graph>> read_onnx(const std::string& path) {
  FETTLE_ASSIGN(const auto file, MappedFile::open(path));
  const std::string_view bytes(reinterpret_cast<const char*>(file->bytes().data()),
                               file->bytes().size());
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  auto graph = read_onnx(bytes, folder);
  if (!graph.ok()) return graph.take_status().at(path);
  return graph;
}

}  // namespace fettle::formats
