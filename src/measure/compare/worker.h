// SPDX-License-Identifier: Apache-2.0
//
// The driver's side of the worker protocol of `fettle compare`. A worker holds one runtime. It
// first says {"started": true}, before it has touched the runtime, then {"version": ...}, or
// {"missing": why} where the runtime is not installed. From then on it answers requests, one JSON
// object a line each way, with what is asked for or {"error": one line}:
//
//   {"do": "prepare", "model", "folder", "inputs": [{"name", "shape"}]}
//                               {"model"}: the runtime's own form of it, made in another process
//   {"do": "load", "model", "threads"}
//                               {"load_ms", "settings", "inputs": [{"name", "shape"}]}
//   {"do": "input", "name", "file"}               {}
//   {"do": "outputs", "folder"}                   runs once; {"outputs": [{"name", "file"}]}
//   {"do": "run", "seconds", "warmup", "least"}   {"samples_us": [...]}, in order of time
//
//
// Tensors travel as .npy files. An extent of -1 is not fixed. bench/peers/worker.py is the other
// side for runtimes with Python bindings, src/cli/compare_worker.cc Fettle's own.
//
// Answers are hostile until checked: a worker that breaks the protocol is an error, never a crash.
#pragma once

#include "base/tensor.h"
#include "measure/compare/process.h"

namespace fettle::measure {

struct NamedTensor {
  std::string name;
  Tensor value;
};

struct InputSlot {
  std::string name;
  std::vector<int64_t> shape;
};

class Worker {
 public:
  struct Limits {
    double start_s = 120, load_s = 900, answer_s = 60;
  };
  // `missing` is set where the runtime is not installed under this program; no Status then.
  static Result<std::unique_ptr<Worker>> start(const LineProcess::Options& options,
                                               const Limits& limits, std::string* missing);

  Result<std::string> prepare(const std::string& model, const std::string& folder,
                              const std::vector<InputSlot>& inputs);
  Status load(const std::string& model, int threads);
  Status set_input(const std::string& name, const std::string& file);
  Result<std::vector<NamedTensor>> outputs(const std::string& folder);
  Result<std::vector<double>> run(double seconds, int warmup, int least);
  LineProcess& process() { return *process_; }

  // Known once it has started, loaded.
  const std::string& version() const { return version_; }
  const std::string& settings() const { return settings_; }
  double load_ms() const { return load_ms_; }
  const std::vector<InputSlot>& inputs() const { return inputs_; }
  int64_t bare_kib() const { return bare_kib_; }  // resident before the runtime was touched

 private:
  explicit Worker(std::unique_ptr<LineProcess> process, const Limits& limits)
      : process_(std::move(process)), limits_(limits) {}

  std::unique_ptr<LineProcess> process_;
  Limits limits_;
  std::string version_, settings_;
  double load_ms_ = 0;
  int64_t bare_kib_ = 0;
  std::vector<InputSlot> inputs_;
};

}  // namespace fettle::measure
