// SPDX-License-Identifier: Apache-2.0
//
// Measurements of the machine at hand, each a fraction of a second: what a core computes, what it
// reads, how fast its clock really is (governors and virtual machines do not always say). Each is
// the best of several tries, since everything that disturbs one makes it slower.
#pragma once

#include <cstddef>
#include <vector>

#include "device/peak_loops.h"

namespace fettle::device {

// Moves the calling thread to one processor until it goes out of scope.
class PinnedThread {
 public:
  explicit PinnedThread(int cpu);
  ~PinnedThread();
  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;

 private:
  std::vector<int> before_;
};

// On the calling thread's core.
double measure_peak_gmacs(const PeakLoop& loop, double seconds);
// From a chain of dependent additions, one a cycle; 0 where there is no such loop for this
// architecture.
double measure_clock_mhz(double seconds);
// The same within a few percent in a few microseconds, for a look between two runs.
double look_at_clock_mhz();
// That chain as work which needs nothing but a core: `rounds` take about as long as asked for here.
void run_add_chain(int64_t rounds);
int64_t add_chain_rounds(double us);
// One thread per processor of `cpus`, each reading its own part of `bytes` over and over; all
// together. Negative where memory is refused.
double measure_read_gbps(const std::vector<int>& cpus, size_t bytes, double seconds);

}  // namespace fettle::device
