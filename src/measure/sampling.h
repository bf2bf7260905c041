// SPDX-License-Identifier: Apache-2.0
//
// Runs of a session, timed one by one with what the kernel counted during each. The counters are
// read outside the clock; inputs and outputs are bound by the caller and nothing is copied.
//
// Dense: one run after the other. Paced: a run is due at each multiple of a period and the thread
// sleeps until then; its time counts from when it was due, so that waking up late, or starting late
// because the run before took too long, is not hidden. What came due while another whole period
// passed is dropped, as a camera drops frames, and counted.
#pragma once

#include <functional>
#include <optional>

#include "device/jitter.h"
#include "device/latency.h"
#include "measure/late_runs.h"
#include "runtime/session.h"

namespace fettle::measure {

struct SamplingOptions {
  double seconds = 3;         // how long, but
  int64_t least_samples = 1;  // at least so many; unless
  int64_t iterations = 0;     // says how often
  double fps = 0;             // paced at so many a second; 0: dense
  // After each run a chain of additions that takes about as long: what the machine does to work
  // that needs nothing but a core.
  bool floor = false;
  // Called now and then with the share that is done; may be empty.
  std::function<void(double)> progress;
};

struct Pacing {
  double fps = 0;
  int64_t dropped = 0;
  device::LatencySummary wake;  // from when a run was due until it started
};

struct Samples {
  std::vector<RunRecord> runs;  // in order of time
  int64_t began_unix_ms = 0;
  double took_s = 0;
  device::JitterCounters jitter;  // of the machine meanwhile
  Counted counted;
  double counting_us = 0;  // what a reading of the counters took, outside the clock
  std::optional<Pacing> pacing;
  std::vector<double> floor_us;  // of the additions, where they were asked for

  std::vector<double> times_us() const;
};

Result<Samples> take_samples(runtime::Session& session, const SamplingOptions& options);

}  // namespace fettle::measure
