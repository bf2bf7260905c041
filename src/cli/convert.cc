// SPDX-License-Identifier: Apache-2.0
//
// fettle convert IN OUT
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "compile/read_model.h"
#include "formats/onnx/writer.h"
#include "plan/package.h"

namespace fettle::cli {

namespace {

Status write_fettle(const ModelOptions& model, const std::string& out) {
  FETTLE_ASSIGN(const compile::CompileOptions options, model.compile_options());
  FETTLE_ASSIGN(const auto compiled, compile::load_model(model.model, options));
  return write_file(out, plan::write_package(*compiled.plan));
}

// The graph as the file has it. Where its inputs are fixed, by the file or by --shape, every value
// is typed; otherwise what is dynamic stays so.
Status write_as_onnx(const ModelOptions& model, const std::string& out) {
  FETTLE_ASSIGN(const compile::CompileOptions options, model.compile_options());
  FETTLE_ASSIGN(auto graph, compile::read_model(model.model));
  const auto& inputs = graph->inputs();
  const bool fixed = std::all_of(inputs.begin(), inputs.end(), [](const ir::DeclaredInput& i) {
    return i.has_shape && std::none_of(i.extents.begin(), i.extents.end(),
                                       [](int64_t extent) { return extent < 0; });
  });
  if (fixed || !options.bindings.shapes.empty()) {
    FETTLE_TRY(passes::bind_shapes(*graph, options.bindings));
  }
  auto bytes = formats::write_onnx(*graph);
  if (!bytes.ok()) return bytes.take_status().at(model.model + " as ONNX");
  return write_file(out, *bytes);
}

}  // namespace

Status convert_command(const std::vector<std::string>& args) {
  CLI::App app("Convert a model; the suffix of OUT says to what", "convert");
  ModelOptions model;
  model.add_to(app);
  std::string out;
  app.add_option("OUT", out, ".fettle or .onnx")->required();
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};
  if (out.ends_with(".fettle")) {
    FETTLE_TRY(write_fettle(model, out));
  } else if (out.ends_with(".onnx")) {
    FETTLE_TRY(write_as_onnx(model, out));
  } else {
    return usage_error("'" + out + "': OUT ends in .fettle or .onnx; nothing else can be written");
  }
  if (model.json) {
    std::puts(nlohmann::json{{"written", out}}.dump().c_str());
  } else {
    std::printf("wrote %s\n", out.c_str());
  }
  return {};
}

}  // namespace fettle::cli
