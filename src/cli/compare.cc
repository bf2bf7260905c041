// SPDX-License-Identifier: Apache-2.0
//
// fettle compare MODEL --runtimes fettle,onnxruntime,... [--model-of RUNTIME=FILE] ...
#include "cli/compare.h"

#include <cstdio>
#include <filesystem>

#include "cli/arguments.h"
#include "cli/progress.h"
#include "data/npy.h"
#include "measure/bound_inputs.h"
#include "measure/compare/runtimes.h"
#include "measure/evaluate.h"
#include "measure/preprocessing.h"
#include "ops/portable.h"

namespace fettle::cli {

namespace {

using measure::NamedTensor;

struct CompareArguments {
  ModelOptions model;
  measure::CompareOptions compare;
  std::vector<std::string> models_of, inputs;
  std::string data, preprocess, reference;
  bool samples = false;
};

std::string absolute(const std::string& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(path, ignored);
  return ignored ? path : whole.string();
}

Result<std::unique_ptr<runtime::Session>> open_session(const std::string& path,
                                                       const CompareArguments& a) {
  FETTLE_ASSIGN(const auto options, a.model.compile_options());
  FETTLE_ASSIGN(const auto compiled, compile::load_model(path, options));
  runtime::SessionOptions session_options;
  session_options.threads = a.compare.threads;
  return runtime::Session::load(compiled.plan, ops::find_portable, session_options);
}

// Inputs from files, from the first sample of a dataset, or else numbers of a fixed seed.
Result<std::vector<NamedTensor>> make_inputs(const runtime::Session& session,
                                             const CompareArguments& a, const std::string& model) {
  std::vector<NamedTensor> inputs;
  for (size_t i = 0; i < session.inputs(); ++i) {
    inputs.push_back(
        {std::string(session.input_name(i)), measure::random_input(session.input(i), i + 1)});
  }
  if (!a.data.empty()) {
    data::DatasetOptions data_options;
    data_options.limit = 1;
    FETTLE_ASSIGN(const auto dataset, data::open_dataset(a.data, data_options));
    FETTLE_ASSIGN(const auto preprocessing,
                  measure::find_preprocessing(a.preprocess, *dataset, model, session.plan()));
    data::Sample sample;
    FETTLE_ASSIGN(
        inputs[0].value,
        measure::InputReader(*dataset, preprocessing.spec).read(0, session.input(0), &sample));
  }
  for (const std::string& assignment : a.inputs) {
    FETTLE_ASSIGN(const auto pair, split_assignment(assignment));
    const auto named = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const NamedTensor& t) { return t.name == pair.first; });
    if (named == inputs.end()) return usage_error("the model has no input '" + pair.first + "'");
    FETTLE_ASSIGN(named->value, data::read_npy(pair.second));
  }
  return inputs;
}

// What `session` makes of the inputs; also says what is wrong with them before anything is started.
Result<std::vector<NamedTensor>> run_once(runtime::Session& session,
                                          const std::vector<NamedTensor>& inputs) {
  if (inputs.size() != session.inputs()) {
    return usage_error("the reference has " + std::to_string(session.inputs()) +
                       " inputs where the model has " + std::to_string(inputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    FETTLE_TRY(session.set_input(i, inputs[i].value.view()).at("input '" + inputs[i].name + "'"));
  }
  FETTLE_TRY(session.run());
  std::vector<NamedTensor> outputs;
  for (size_t i = 0; i < session.outputs(); ++i) {
    const TensorView& out = session.output(i);
    Tensor copy(out.dtype, out.dims);
    std::copy_n(static_cast<const std::byte*>(out.data), out.bytes(),
                static_cast<std::byte*>(copy.mutable_raw()));
    outputs.push_back({std::string(session.output_name(i)), std::move(copy)});
  }
  return outputs;
}

Status compare(CompareArguments& a) {
  measure::CompareOptions& options = a.compare;
  options.model = absolute(a.model.model);
  options.threads = a.model.thread_count();
  FETTLE_ASSIGN(options.cores, measure::pick_cores(options.threads));
  for (const std::string& m : a.models_of) {
    FETTLE_ASSIGN(const auto pair, split_assignment(m));
    FETTLE_ASSIGN([[maybe_unused]] const auto* entry, measure::find_runtime(pair.first));
    options.model_of[pair.first] = absolute(pair.second);
  }
  const auto own = options.model_of.find("fettle");
  const std::string model = own != options.model_of.end() ? own->second : options.model;
  FETTLE_ASSIGN(const auto compile_options, a.model.compile_options());
  FETTLE_ASSIGN(const auto compiled, compile::load_model(model, compile_options));
  options.plan = compiled.plan;
  {
    runtime::SessionOptions session_options;
    session_options.threads = options.threads;
    FETTLE_ASSIGN(const auto session,
                  runtime::Session::load(compiled.plan, ops::find_portable, session_options));
    FETTLE_ASSIGN(options.inputs, make_inputs(*session, a, model));
    FETTLE_ASSIGN([[maybe_unused]] const auto checked, run_once(*session, options.inputs));
  }
  if (!a.reference.empty()) {
    FETTLE_ASSIGN(const auto session, open_session(a.reference, a));
    FETTLE_ASSIGN(options.reference, run_once(*session, options.inputs));
  }
  Progress progress("comparing");
  options.progress = [&](const std::string& what, double share) { progress.show(what, share); };
  FETTLE_ASSIGN(const auto report, measure::compare(options));
  progress.show(1);
  if (a.model.json) {
    std::puts(comparison_json(report, options, a.samples).c_str());
  } else {
    print_comparison(report);
  }
  return {};
}

Status check_runtimes(const std::vector<std::string>& runtimes) {
  for (size_t i = 0; i < runtimes.size(); ++i) {
    FETTLE_ASSIGN([[maybe_unused]] const auto* entry, measure::find_runtime(runtimes[i]));
    if (std::find(runtimes.begin(), runtimes.begin() + static_cast<int64_t>(i), runtimes[i]) !=
        runtimes.begin() + static_cast<int64_t>(i)) {
      return usage_error("runtime '" + runtimes[i] + "' is named twice");
    }
  }
  return {};
}

}  // namespace

Status compare_command(const std::vector<std::string>& args) {
  if (args.size() == 1 && args[0] == "--worker") return serve_compare_worker();
  CLI::App app("The same model and inputs through several runtimes, interleaved", "compare");
  CompareArguments a;
  measure::CompareOptions& c = a.compare;
  for (const measure::RuntimeEntry& r : measure::known_runtimes()) {
    c.runtimes.emplace_back(r.name);
  }
  a.model.add_to(app);
  app.add_option("--runtimes", c.runtimes, "names, separated by commas (default: all)")
      ->delimiter(',');
  app.add_option("--model-of", a.models_of,
                 "RUNTIME=FILE, that runtime's own form of the model, its int8 for example");
  app.add_option("--input", a.inputs, "NAME=FILE.npy (default: numbers of a fixed seed)");
  app.add_option("--data", a.data, "a dataset whose first sample is the first input");
  app.add_option("--preprocess", a.preprocess, "YAML: how a sample becomes an input");
  app.add_option("--reference", a.reference,
                 "the model whose outputs, run by Fettle, all are held to (default: the first "
                 "runtime's outputs)");
  app.add_option("--rounds", c.rounds, "turns of each runtime (default 5)")
      ->check(CLI::Range(1, 10000));
  app.add_option("--seconds", c.seconds, "of each turn (default 1)")
      ->check(CLI::Range(0.001, 3600.0));
  app.add_flag("--realtime", c.realtime,
               "SCHED_FIFO while a runtime is measured: other work of the machine waits");
  app.add_option("--python", c.python, "that has the runtimes (default: FETTLE_PEERS_PYTHON, ...)");
  app.add_option("--keep", c.keep, "a folder for converted models, which are used again");
  app.add_option("--answer-seconds", c.limits.answer_s,
                 "how long a runtime may take beyond its turn (default 60)")
      ->check(CLI::Range(0.01, 86400.0));
  app.add_option("--load-seconds", c.limits.load_s,
                 "how long one may take to convert and to load (default 900)")
      ->check(CLI::Range(0.01, 86400.0));
  app.add_flag("--samples", a.samples, "with --json: every sample, by round");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};
  FETTLE_TRY(check_runtimes(c.runtimes));
  if (!c.keep.empty()) c.keep = absolute(c.keep);
  return compare(a);
}

}  // namespace fettle::cli
