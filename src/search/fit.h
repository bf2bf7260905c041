// SPDX-License-Identifier: Apache-2.0
//
// The main job: from a model, data, a device and a budget to the package that fits, with the
// reason for the choice and for every candidate that was left.
//
// Candidates are made, evaluated on the data, predicted on the device and timed on this machine;
// the one chosen is the fastest predicted of those that hold every budget.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compile/compile.h"
#include "data/dataset.h"
#include "device/roofline.h"
#include "measure/bench.h"
#include "measure/evaluate.h"

namespace fettle::search {

struct FitOptions {
  std::string model, data, device;
  std::string preprocess;  // path; empty: the dataset's own
  compile::CompileOptions compile;
  bool stripes_for_device = true;  // by its caches, and not as `compile` says
  double deadline_ms = 0;
  double memory_mb = 0;
  std::optional<double> max_drop_percent;  // of the metric, in points
  int threads = 1;                         // on the device and on this machine
  int64_t eval_samples = 1000, calibration_samples = 200;
  int64_t label_offset = 0;
  double bench_seconds = 2;
  std::function<void(const std::string& stage, double share)> progress;
};

struct Candidate {
  std::string name;  // "float", "int8"
  std::string how;   // what was done to get it
  std::shared_ptr<const plan::Plan> plan;
  plan::ArenaReport arena;
  measure::Accuracy accuracy;
  std::optional<double> drop_percent;  // against float
  device::Estimate estimate;           // on the device
  std::vector<device::LayerCost> layers;
  measure::BenchReport bench;  // on this machine
  runtime::MemoryReport memory;
  size_t package_bytes = 0, peak_bytes = 0;
  std::vector<std::string> misses;    // budgets it does not hold, each with its figures
  std::vector<std::string> warnings;  // what the user should know before taking it
  std::vector<std::string> notes;
  bool fits() const { return misses.empty(); }
};

struct FitReport {
  FitOptions options;
  device::Profile device;
  std::string dataset_format, preprocessing;  // where that was found
  int64_t dataset_size = 0;
  std::vector<Candidate> candidates;
  int chosen = -1;  // none fits
  std::string reason;
};

Result<FitReport> fit(const FitOptions& options);

// One object; one self-contained page.
std::string to_json(const FitReport& report);
std::string to_html(const FitReport& report);

}  // namespace fettle::search
