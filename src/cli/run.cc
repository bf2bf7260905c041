// SPDX-License-Identifier: Apache-2.0
//
// fettle run MODEL --input NAME=FILE.npy ... --output-dir DIR
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/realtime_options.h"
#include "data/npy.h"
#include "ops/op.h"
#include "runtime/session.h"

namespace fettle::cli {

namespace {

// File systems take names of 255 bytes; TFLite's converter joins the names of what it fused into
// longer ones. What is left must have room for a number, ".npy" and a temporary's ending.
constexpr size_t kLongestName = 200;

std::string file_name(std::string_view output) {
  std::string name(output.substr(0, kLongestName));
  for (char& c : name) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) || std::strchr("_.-", c);
    if (!kept || c == '\0') c = '_';
  }
  return name;
}

// One for each output; names that become the same are numbered, so that none overwrites another.
std::vector<std::string> file_names(const runtime::Session& session) {
  std::vector<std::string> names;
  const auto taken = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (size_t i = 0; i < session.outputs(); ++i) {
    const std::string name = file_name(session.output_name(i));
    std::string own = name;
    for (int n = 2; taken(own); ++n) own = name + "_" + std::to_string(n);
    names.push_back(std::move(own));
  }
  return names;
}

// Inputs by name; those of the model that are not named get an error that lists them.
Result<std::map<std::string, Tensor>> read_inputs(const std::vector<std::string>& assignments) {
  std::map<std::string, Tensor> inputs;
  for (const std::string& a : assignments) {
    FETTLE_ASSIGN(const auto pair, split_assignment(a));
    FETTLE_ASSIGN(Tensor tensor, data::read_npy(pair.second));
    inputs[pair.first] = std::move(tensor);
  }
  return inputs;
}

Status set_inputs(runtime::Session& session, const std::map<std::string, Tensor>& inputs) {
  for (size_t i = 0; i < session.inputs(); ++i) {
    const std::string name(session.input_name(i));
    const auto given = inputs.find(name);
    if (given == inputs.end()) {
      return usage_error("input '" + name + "' (" + std::string(name_of(session.input(i).dtype)) +
                         " " + session.input(i).dims.to_string() + ") is missing: give --input " +
                         name + "=FILE.npy");
    }
    FETTLE_TRY(session.set_input(i, given->second.view()));
  }
  return {};
}

Status write_outputs(const runtime::Session& session, const std::string& folder, bool json) {
  FETTLE_TRY(make_folder(folder));
  nlohmann::json report = nlohmann::json::object();
  const std::vector<std::string> names = file_names(session);
  for (size_t i = 0; i < session.outputs(); ++i) {
    const TensorView& out = session.output(i);
    const std::string path = folder + "/" + names[i] + ".npy";
    FETTLE_TRY(data::write_npy(path, out));
    if (json) {
      report["outputs"].push_back(
          {{"name", session.output_name(i)},
           {"file", path},
           {"dtype", name_of(out.dtype)},
           {"shape", std::vector<int64_t>(out.dims.begin(), out.dims.end())}});
    } else {
      std::printf("%s: %s %s -> %s\n", std::string(session.output_name(i)).c_str(),
                  std::string(name_of(out.dtype)).c_str(), out.dims.to_string().c_str(),
                  path.c_str());
    }
  }
  if (json) std::puts(report.dump().c_str());
  return {};
}

}  // namespace

Status run_command(const std::vector<std::string>& args) {
  CLI::App app("Run a model once on .npy inputs and write its outputs as .npy", "run");
  ModelOptions model;
  model.add_to(app);
  RealtimeOptions realtime;
  realtime.add_cores_to(app);
  std::vector<std::string> assignments;
  std::string folder;
  bool portable = false;
  app.add_option("--input", assignments, "NAME=FILE.npy, for each input");
  app.add_option("--output-dir", folder, "where NAME.npy of each output goes")->required();
  app.add_flag("--portable", portable, "the reference implementation of every operator");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};

  FETTLE_ASSIGN(const auto inputs, read_inputs(assignments));
  FETTLE_ASSIGN(compile::CompileOptions options, model.compile_options());
  for (const auto& [name, tensor] : inputs) {
    options.bindings.shapes.try_emplace(name, tensor.dims().begin(), tensor.dims().end());
    options.bindings.offered_values[name] = tensor;
  }
  FETTLE_ASSIGN(const auto compiled, compile::load_model(model.model, options));
  runtime::SessionOptions session_options;
  FETTLE_ASSIGN(const device::Placement placement, realtime.place(model.threads));
  session_options.threads = placement.threads;
  session_options.cores = placement.cores;
  session_options.portable_only = portable;
  FETTLE_ASSIGN(auto session,
                runtime::Session::load(compiled.plan, ops::find_portable, session_options));
  FETTLE_TRY(place_caller(placement));
  FETTLE_TRY(set_inputs(*session, inputs));
  FETTLE_TRY(session->run());
  return write_outputs(*session, folder, model.json);
}

}  // namespace fettle::cli
