// SPDX-License-Identifier: Apache-2.0
//
// What the kernel counted for one run, cheap enough to be read before and after each: two or three
// microseconds a reading, outside the clock. jitter.h has the counts that are the machine's and
// cost more.
//
// Where a run's time went: a thread computes (cpu_ns), is ready but another has its core
// (waited_ns), or sleeps. What wall time has beyond these was taken from the core itself: by the
// hypervisor, where the kernel accounts for that.
//
// Thread safety: one thread, the one that runs; read() from no other.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace fettle::device {

struct RunCounts {
  int64_t minor_faults = 0, major_faults = 0;
  int64_t voluntary_switches = 0, involuntary_switches = 0;
  int64_t waited_ns = 0;      // of all threads of the run
  int64_t own_waited_ns = 0;  // of the calling thread, and its
  int64_t cpu_ns = 0;
  int cpu = -1;  // where it is

  friend RunCounts operator-(const RunCounts& after, const RunCounts& before);
};

class RunCounters {
 public:
  // `workers`: the threads that run besides the caller (runtime::Workers::ids()).
  explicit RunCounters(std::span<const pid_t> workers);
  ~RunCounters();
  RunCounters(const RunCounters&) = delete;
  RunCounters& operator=(const RunCounters&) = delete;

  RunCounts read() const;
  // Whether this kernel counts the time that threads wait for a core.
  bool counts_waiting() const { return counts_waiting_; }
  // What one read() takes here, measured.
  double cost_us() const;

 private:
  bool alone_ = true;
  bool counts_waiting_ = false;
  std::vector<int> schedstats_;  // open files, the caller's first
};

// "8401312 9712 3": nanoseconds on a core and waiting for one, and how often it got one.
int64_t waited_in(std::string_view schedstat);

}  // namespace fettle::device
