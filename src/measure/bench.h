// SPDX-License-Identifier: Apache-2.0
//
// How long a session takes, run after run: percentiles that have enough samples behind them, what
// the kernel counted meanwhile, and where the time goes step by step.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "device/jitter.h"
#include "device/latency.h"
#include "runtime/session.h"

namespace fettle::measure {

struct BenchOptions {
  double seconds = 3;      // how long to sample, unless
  int64_t iterations = 0;  // says how often
  int64_t warmup = 10;     // runs not counted
  int64_t profile_runs = 20;
  // Called now and then with the share that is done; may be empty.
  std::function<void(double)> progress;
};

struct StepTime {
  std::string op, name, kernel;
  double median_us = 0;
  int64_t macs = 0;
};

struct BenchReport {
  device::LatencySummary latency;
  std::vector<double> samples_us;  // in order of time
  device::JitterCounters jitter;   // during the samples
  std::vector<StepTime> steps;
  double first_run_us = 0;  // cold
};

// Fills the inputs with numbers of a fixed seed before each run (outside the clock).
Result<BenchReport> bench(runtime::Session& session, const BenchOptions& options);

// Elements of a fixed seed: floats in [-1, 1), integers over small positive values, codes of
// quantized tensors over their whole range.
Tensor random_input(const TensorView& like, uint64_t seed);

}  // namespace fettle::measure
