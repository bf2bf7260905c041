// SPDX-License-Identifier: Apache-2.0
//
// What `fettle bench` says, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "device/placement.h"
#include "measure/layer_limits.h"

namespace fettle::cli {

struct LoadReport {
  int processes = 0, memory_bound = 0;
  std::vector<int> cores;
  double cpu_s = 0;  // that they had while samples were taken
};

struct BenchOutcome {
  measure::BenchReport report;
  double load_ms = 0;
  runtime::MemoryReport memory;
  size_t cut_chains = 0;
  device::Placement placement;
  int64_t locked_bytes = 0;
  int fifo_priority = 0;
  std::vector<std::string> surroundings;
  double deadline_us = 0;  // 0: none
  int hundredths = 0;      // the percentile that has to hold it
  device::DeadlineReport deadline;
  std::optional<LoadReport> load;
  std::optional<measure::MachineLimits> limits;
  std::vector<measure::StepLimit> step_limits;  // with limits: of each step
};

nlohmann::json to_json(const BenchOutcome& outcome, bool samples);
void print(const BenchOutcome& outcome, bool layers);

// The gate: met, or why not.
Status judge(const BenchOutcome& outcome);

}  // namespace fettle::cli
