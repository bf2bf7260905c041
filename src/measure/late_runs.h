// SPDX-License-Identifier: Apache-2.0
//
// Why runs were late: for each cause, how many of the late runs met it, and how many of the others
// did. A cause that runs in time met as often explains nothing, whatever it is called; one that
// late runs met at least twice as often does, and so does one that by the kernel's own account took
// half or more of what a run was late. A run may meet several.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "measure/run_record.h"

namespace fettle::measure {

struct Cause {
  std::string_view name;     // "preempted": a key of the reports
  std::string_view meaning;  // for people
  bool counted = true;       // this machine counts it
  int64_t late = 0, others = 0;
  bool explains = false;
  double late_ms = 0;  // what it took from the late runs, where the kernel says; else 0
};

struct LateRuns {
  double limit_us = 0;  // over it is late
  int64_t late = 0, others = 0;
  double excess_ms = 0;  // what late runs took beyond the median, all together
  std::vector<Cause> causes;
  int64_t unexplained = 0;  // late, and nothing was counted that explains it
};

struct Counted {  // by this machine
  bool waiting = true, clock = true, throttling = true;
};

LateRuns explain_late_runs(std::span<const RunRecord> runs, double limit_us, double median_us,
                           const Counted& counted);

// Without a deadline, what is this much over the median is looked into.
inline constexpr double kLateOverMedian = 1.1;
// A clock below this share of its usual is a slow one; the looks at it are good to a few percent.
inline constexpr double kSlowClock = 0.93;
inline constexpr double kMoreOften = 2;
inline constexpr double kMostOfIt = 0.5;
// Less than this is the edge of the counting itself.
inline constexpr double kLeastStolenUs = 10, kLeastWaitedUs = 1;
// After a sleep of this and more, caches and clock are cold.
inline constexpr double kPauseUs = 1000;

}  // namespace fettle::measure
