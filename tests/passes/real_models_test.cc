// SPDX-License-Identifier: Apache-2.0
//
// Every pass on real models: run again, each changes nothing, and so does the whole pipeline.
#include <gtest/gtest.h>

#include <filesystem>

#include "compile/read_model.h"
#include "ir/text.h"
#include "passes/bind_shapes.h"
#include "passes/pipeline.h"

namespace fettle::passes {
namespace {

std::vector<std::string> model_paths() {
  std::vector<std::string> paths = {FETTLE_SOURCE "/models/fashion_dscnn.onnx"};
  const std::string shared = FETTLE_SHARED "/data/models";
  if (!std::filesystem::exists(shared)) return paths;
  for (const auto& e : std::filesystem::recursive_directory_iterator(shared)) {
    const std::string path = e.path().string();
    if (path.ends_with(".onnx") || path.ends_with(".tflite")) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class RealModel : public testing::TestWithParam<std::string> {};

TEST_P(RealModel, PassesAreIdempotent) {
  auto graph = compile::read_model(GetParam());
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  const Status bound = bind_shapes(**graph, {});
  ASSERT_TRUE(bound.ok()) << bound.to_string();
  PipelineOptions options;
  options.after = [&](std::string_view name, const ir::Graph&) -> Status {
    for (const Pass& p : pipeline()) {
      if (p.name != name) continue;
      FETTLE_ASSIGN(const int again, p.run(**graph));
      EXPECT_EQ(again, 0) << name << " found more to do";
    }
    return {};
  };
  const auto reports = run_pipeline(**graph, options);
  ASSERT_TRUE(reports.ok()) << reports.status().to_string();
  const std::string once = ir::print(**graph);
  const auto second = run_pipeline(**graph);
  ASSERT_TRUE(second.ok()) << second.status().to_string();
  for (const PassReport& r : *second) EXPECT_EQ(r.changes, 0) << r.name;
  EXPECT_TRUE(ir::print(**graph) == once) << "the second pipeline left another graph";
}

INSTANTIATE_TEST_SUITE_P(All, RealModel, testing::ValuesIn(model_paths()), [](const auto& info) {
  std::string name = std::filesystem::path(info.param).filename().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(SharedModels, AreThere) {
  if (model_paths().size() == 1) GTEST_SKIP() << FETTLE_SHARED "/data/models is absent";
}

}  // namespace
}  // namespace fettle::passes
