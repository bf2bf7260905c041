// SPDX-License-Identifier: Apache-2.0
//
// fettle compare --worker: Fettle as one of the runtimes that are compared, in the protocol of
// measure/compare/worker.h and under the same rules as the others: the clock covers run() alone.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/compare.h"
#include "compile/compile.h"
#include "data/npy.h"
#include "ops/portable.h"
#include "runtime/session.h"

namespace fettle::cli {

namespace {

using nlohmann::json;

class FettleWorker {
 public:
  Result<json> answer(const json& request) {
    const std::string what = request.at("do");
    if (what == "load") return load(request.at("model"), request.at("threads"));
    if (!session_) return usage_error("nothing is loaded");
    if (what == "input") return set_input(request.at("name"), request.at("file"));
    if (what == "outputs") return outputs(request.at("folder"));
    if (what == "run") {
      return sample(request.at("seconds"), request.at("warmup"), request.at("least"));
    }
    return usage_error("unknown request '" + what + "'");
  }

 private:
  Result<json> load(const std::string& model, int threads) {
    const int64_t start = now_ns();
    FETTLE_ASSIGN(const auto compiled, compile::load_model(model));
    runtime::SessionOptions options;
    options.threads = threads;
    FETTLE_ASSIGN(session_, runtime::Session::load(compiled.plan, ops::find_portable, options));
    const double load_ms = static_cast<double>(now_ns() - start) / 1e6;
    json inputs = json::array();
    for (size_t i = 0; i < session_->inputs(); ++i) {
      const Dims& dims = session_->input(i).dims;
      inputs.push_back({{"name", session_->input_name(i)},
                        {"shape", std::vector<int64_t>(dims.begin(), dims.end())}});
    }
    inputs_.resize(session_->inputs());
    return json{
        {"load_ms", load_ms},
        {"settings", std::string("package, inputs bound, ") + std::string(name_of(detect_isa()))},
        {"inputs", inputs}};
  }

  Result<json> set_input(const std::string& name, const std::string& file) {
    for (size_t i = 0; i < session_->inputs(); ++i) {
      if (session_->input_name(i) != name) continue;
      FETTLE_ASSIGN(Tensor value, data::read_npy(file));
      FETTLE_TRY(session_->set_input(i, value.view()));  // checks it
      inputs_[i] = std::move(value);
      FETTLE_TRY(session_->bind_input(
          i, {static_cast<const std::byte*>(inputs_[i].raw()), inputs_[i].bytes()}));
      return json::object();
    }
    return usage_error("there is no input '" + name + "'");
  }

  Result<json> outputs(const std::string& folder) {
    FETTLE_TRY(session_->run());
    json files = json::array();
    for (size_t i = 0; i < session_->outputs(); ++i) {
      const std::string file = folder + "/" + std::to_string(i) + ".npy";
      FETTLE_TRY(data::write_npy(file, session_->output(i)));
      files.push_back({{"name", session_->output_name(i)}, {"file", file}});
    }
    return json{{"outputs", files}};
  }

  Result<json> sample(double seconds, int warmup, size_t least) {
    for (int i = 0; i < warmup; ++i) {
      FETTLE_TRY(session_->run());
    }
    std::vector<double> samples;
    samples.reserve(size_t{1} << 16);
    const int64_t end = now_ns() + static_cast<int64_t>(seconds * 1e9);
    int64_t stop = 0;
    while (stop < end || samples.size() < least) {
      const int64_t start = now_ns();
      FETTLE_TRY(session_->run());
      stop = now_ns();
      samples.push_back(static_cast<double>(stop - start) / 1e3);
    }
    return json{{"samples_us", std::move(samples)}};
  }

  std::vector<Tensor> inputs_;  // bound: the session reads them here
  std::unique_ptr<runtime::Session> session_;
};

void reply(const json& answer) {
  std::puts(answer.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

}  // namespace

Status serve_compare_worker() {
  reply({{"started", true}});
  reply({{"version", "0.1.0"}});
  FettleWorker worker;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      auto answer = worker.answer(json::parse(line));
      reply(answer.ok() ? *answer : json{{"error", answer.status().to_string()}});
    } catch (const json::exception& e) {
      reply({{"error", std::string("no such request: ") + e.what()}});
    }
  }
  return {};
}

}  // namespace fettle::cli
