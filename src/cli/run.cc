// SPDX-License-Identifier: Apache-2.0
//
// fettle run MODEL --input NAME=FILE.npy ... --output-dir DIR
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/loop_options.h"
#include "data/npy.h"
#include "data/output_files.h"
#include "ops/portable.h"
#include "runtime/session.h"

namespace fettle::cli {

namespace {

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
  std::vector<std::string_view> outputs;
  for (size_t i = 0; i < session.outputs(); ++i) outputs.push_back(session.output_name(i));
  const std::vector<std::string> names = data::output_file_names(outputs);
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
  LoopOptions loop;
  loop.add_cores_to(app);
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
  FETTLE_ASSIGN(const device::Placement placement, loop.place(model.threads));
  session_options.threads = placement.threads;
  session_options.cores = placement.cores;
  session_options.portable_only = portable;
  FETTLE_ASSIGN(auto session,
                runtime::Session::load(compiled.plan, ops::find_portable, session_options));
  FETTLE_TRY(realtime::place_caller(placement));
  FETTLE_TRY(set_inputs(*session, inputs));
  FETTLE_TRY(session->run());
  return write_outputs(*session, folder, model.json);
}

}  // namespace fettle::cli
