// SPDX-License-Identifier: Apache-2.0
//
// The processors that this process may use, as the kernel describes them: alike ones together, with
// their caches and clocks. Simultaneous threads of one core count as one.
#pragma once

#include <string>
#include <vector>

namespace fettle::device {

struct CacheInfo {
  int level = 1;
  int size_kib = 0;
  std::vector<int> cpus;  // that share one instance, one per core
};

struct CoreGroup {
  std::string core;               // "Cortex-A72", "AMD EPYC"
  std::vector<int> cpus;          // one per core
  int capacity = 0;               // against the machine's fastest at 1024; 0: not told
  std::vector<int> clocks_mhz;    // rising; empty where the kernel does not say
  std::vector<CacheInfo> caches;  // of the first core, data and unified, rising by level
};

// Never empty, and no group without a processor. `root` stands before /proc and /sys, for tests;
// `usable` are the processors of the affinity mask.
std::vector<CoreGroup> read_topology(const std::string& root, const std::vector<int>& usable);
std::vector<int> usable_cpus();
// What one of the usable processors can count on of its largest cache of at most two levels: all of
// a private one, its share of a common one; the least of all groups. 0: the kernel does not say.
int64_t cache_per_core_bytes();
// Part numbers of Arm's cores ("0xd08"); empty where unknown.
std::string arm_core_name(const std::string& part);

}  // namespace fettle::device
