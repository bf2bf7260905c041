// SPDX-License-Identifier: Apache-2.0
//
// Where a command's threads run, and what a real-time loop asks of the system.
#pragma once

#include <CLI/CLI.hpp>

#include "device/placement.h"
#include "runtime/session.h"

namespace fettle::cli {

struct RealtimeOptions {
  std::string cores;  // device::PlacementRequest
  bool lock_memory = false;
  int fifo_priority = 0;  // 0: the usual scheduling

  void add_cores_to(CLI::App& app);
  void add_to(CLI::App& app);  // all of them

  // `threads`: 0 for as many as the cores.
  Result<device::Placement> place(int threads) const;
  // Before the first run that counts. How many bytes are locked.
  Result<int64_t> settle(const runtime::Session& session) const;
  // After the last: the report and its measurements are no real-time work.
  void unsettle(const runtime::Session& session) const;
};

// The calling thread, after the session is loaded: threads start where their maker may run.
Status place_caller(const device::Placement& placement);

}  // namespace fettle::cli
