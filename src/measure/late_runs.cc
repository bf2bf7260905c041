// SPDX-License-Identifier: Apache-2.0
#include "measure/late_runs.h"

#include <algorithm>

namespace fettle::measure {

namespace {

double usual_clock(std::span<const RunRecord> runs) {
  std::vector<double> clocks;
  for (const RunRecord& r : runs) {
    if (r.clock_mhz > 0) clocks.push_back(r.clock_mhz);
  }
  if (clocks.empty()) return 0;
  const auto middle = clocks.begin() + static_cast<std::ptrdiff_t>(clocks.size() / 2);
  std::nth_element(clocks.begin(), middle, clocks.end());
  return *middle;
}

struct Test {
  std::string_view name, meaning;
  bool (*met)(const RunRecord& run, double usual_mhz);
  double (*took_us)(const RunRecord& run);
};
constexpr Test kTests[] = {
    {"preempted", "others had its core",
     [](const RunRecord& r, double) {
       return r.involuntary_switches > 0 || r.waited_us >= kLeastWaitedUs;
     },
     [](const RunRecord& r) { return r.waited_us; }},
    {"page_fault", "memory was not there",
     [](const RunRecord& r, double) { return r.minor_faults + r.major_faults > 0; }, nullptr},
    {"disk_read", "memory came from disk",
     [](const RunRecord& r, double) { return r.major_faults > 0; }, nullptr},
    {"slept", "a thread gave up its core",
     [](const RunRecord& r, double) { return r.voluntary_switches > 0; }, nullptr},
    {"migrated", "moved to another core", [](const RunRecord& r, double) { return r.moved; },
     nullptr},
    {"stolen", "the hypervisor had its core",
     [](const RunRecord& r, double) { return r.stolen_us >= kLeastStolenUs; },
     [](const RunRecord& r) { return r.stolen_us; }},
    {"slow_clock", "the clock was slower",
     [](const RunRecord& r, double usual_mhz) {
       return r.clock_mhz > 0 && r.clock_mhz < kSlowClock * usual_mhz;
     },
     nullptr},
    {"throttled", "heat or power held the clock down",
     [](const RunRecord& r, double) { return r.held_down; }, nullptr},
    {"cold_start", "the first after a pause",
     [](const RunRecord& r, double) { return r.pause_us >= kPauseUs; }, nullptr},
};

double share(int64_t part, int64_t all) {
  return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0;
}

}  // namespace

LateRuns explain_late_runs(std::span<const RunRecord> runs, double limit_us, double median_us,
                           const Counted& counted) {
  const double usual_mhz = usual_clock(runs);
  LateRuns report;
  report.limit_us = limit_us;
  for (const Test& t : kTests) {
    Cause c{t.name, t.meaning};
    c.counted = t.name == "stolen"       ? counted.waiting
                : t.name == "slow_clock" ? counted.clock
                : t.name == "throttled"  ? counted.throttling
                                         : true;
    report.causes.push_back(c);
  }
  for (const RunRecord& r : runs) {
    const bool late = r.us > limit_us;
    ++(late ? report.late : report.others);
    if (late) report.excess_ms += (r.us - median_us) / 1e3;
    for (size_t i = 0; i < std::size(kTests); ++i) {
      if (!kTests[i].met(r, usual_mhz)) continue;
      Cause& cause = report.causes[i];
      ++(late ? cause.late : cause.others);
      if (late && kTests[i].took_us != nullptr) cause.late_ms += kTests[i].took_us(r) / 1e3;
    }
  }
  for (Cause& c : report.causes) {
    c.explains =
        c.late > 0 && share(c.late, report.late) >= kMoreOften * share(c.others, report.others);
  }
  for (const RunRecord& r : runs) {
    bool explained =
        !(r.us > limit_us) || r.waited_us + r.stolen_us >= kMostOfIt * (r.us - median_us);
    for (size_t i = 0; i < std::size(kTests) && !explained; ++i) {
      explained = report.causes[i].explains && kTests[i].met(r, usual_mhz);
    }
    report.unexplained += !explained;
  }
  return report;
}

}  // namespace fettle::measure
