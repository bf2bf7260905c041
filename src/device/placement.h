// SPDX-License-Identifier: Apache-2.0
//
// How many threads to run and where, from what the caller asks for and what the process may use.
//
// Without a wish there is one thread for each core of the fastest kind, and no more than the
// control group's quota pays for: a thread on a slow core next to fast ones holds them up, and a
// quota that is used up stops every thread until its next period.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "device/topology.h"

namespace fettle::device {

struct Placement {
  int threads = 1;
  // What runtime::WorkerOptions takes: as many as threads, one each; more, and any of them; none
  // leaves it to the system.
  std::vector<int> cores;
};

struct PlacementRequest {
  // "0-3,6": these processors. A kind of core by name, whole or its last part ("Cortex-A76",
  // "a76"), or "big" or "little". Empty: no wish.
  std::string cores;
  int threads = 0;  // 0: as many as there are cores to run on
};

// What there is to choose from.
struct Processors {
  std::vector<int> usable;        // by the affinity mask
  std::vector<CoreGroup> groups;  // of those, at least one
  std::optional<double> quota;    // how many of them the control group pays for
};
Processors usable_processors();

Result<Placement> place_threads(const PlacementRequest& request, const Processors& processors);

// How many processors' time the control groups (v1 or v2) of this process grant it; absent where
// nothing limits it. `root` stands before /proc and /sys, for tests.
std::optional<double> cpu_quota(const std::string& root);

}  // namespace fettle::device
