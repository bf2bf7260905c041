// SPDX-License-Identifier: Apache-2.0
//
// How long a session takes, run after run: percentiles that have enough samples behind them, why
// the late runs were late, and where the time goes step by step.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "measure/sampling.h"

namespace fettle::measure {

struct BenchOptions : SamplingOptions {
  int64_t warmup = 10;  // runs not counted
  int64_t profile_runs = 20;
  std::vector<Tensor> inputs;  // of the session, in order; empty: numbers of a fixed seed
  double late_over_us = 0;     // a deadline; 0: kLateOverMedian times the median
  // After the warm-up and before the first sample: locks memory, raises priorities. May be empty.
  std::function<Status()> settle;
};

struct StepTime {
  std::string op, name, kernel;
  double median_us = 0;
  int64_t macs = 0;
  int64_t bytes = 0;  // of inputs, weights and outputs, each once
  int threads = 1;
};

struct BenchReport {
  device::LatencySummary latency;
  std::vector<double> samples_us;  // in order of time
  Samples samples;
  LateRuns late;
  std::vector<StepTime> steps;
  double first_run_us = 0;  // cold
};

// Inputs are bound once, and not any more when it returns. With no profile_runs the outputs are
// those of the last sample.
Result<BenchReport> bench(runtime::Session& session, const BenchOptions& options);

}  // namespace fettle::measure
