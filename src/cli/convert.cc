// SPDX-License-Identifier: Apache-2.0
//
// fettle convert IN OUT
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "compile/read_model.h"
#include "plan/package.h"

namespace fettle::cli {

namespace {

Status write_fettle(const ModelOptions& model, const std::string& out) {
  FETTLE_ASSIGN(const compile::CompileOptions options, model.compile_options());
  FETTLE_ASSIGN(const auto compiled, compile::load_model(model.model, options));
  return write_file(out, plan::write_package(*compiled.plan));
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
  if (!out.ends_with(".fettle")) {
    return unsupported("writing this format is not in this build; OUT may end in .fettle", out);
  }
  FETTLE_TRY(write_fettle(model, out));
  if (model.json) {
    std::puts(nlohmann::json{{"written", out}}.dump().c_str());
  } else {
    std::printf("wrote %s\n", out.c_str());
  }
  return {};
}

}  // namespace fettle::cli
