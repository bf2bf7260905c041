// SPDX-License-Identifier: Apache-2.0
//
// Busy processes beside what is measured, as a device has them: the first, third, ... read and
// write memory that fits no cache, the others compute in registers. Processes and not threads,
// so that they share neither the memory map nor the kernel's counters of the one that is measured.
//
// Thread safety: start it while the process has one thread. They end with the object, or with the
// process in whatever way it ends.
#pragma once

#include <sys/types.h>

#include <memory>
#include <vector>

#include "base/status.h"

namespace fettle::measure {

class CompetingLoad {
 public:
  // `cores`: the processors they may use; empty: those of the process.
  static Result<std::unique_ptr<CompetingLoad>> start(int processes, const std::vector<int>& cores);
  ~CompetingLoad();
  CompetingLoad(const CompetingLoad&) = delete;
  CompetingLoad& operator=(const CompetingLoad&) = delete;

  int processes() const { return static_cast<int>(children_.size()); }
  int memory_bound() const { return (processes() + 1) / 2; }
  // Seconds of processor time that all of them have had so far: what load there really was.
  double cpu_seconds() const;

  static constexpr size_t kBytes = size_t{64} << 20;  // that a memory-bound one goes over

 private:
  CompetingLoad() = default;
  std::vector<pid_t> children_;
};

}  // namespace fettle::measure
