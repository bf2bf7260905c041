// SPDX-License-Identifier: Apache-2.0
//
// What a real-time loop asks of the system for the threads of one session, in this order: place()
// before the session is loaded, place_caller() after, settle() once it has run and before the first
// run that counts, unsettle() after the last.
#pragma once

#include <string>

#include "device/placement.h"
#include "runtime/session.h"

namespace fettle::realtime {

struct LoopRequest {
  std::string cores;  // device::PlacementRequest
  bool lock_memory = false;
  int fifo_priority = 0;  // 0: the usual scheduling

  // `threads`: 0 for as many as the cores.
  Result<device::Placement> place(int threads) const;
  // How many bytes are locked. A refusal says which limit to raise.
  Result<int64_t> settle(const runtime::Session& session) const;
  // A report and its measurements are no real-time work.
  void unsettle(const runtime::Session& session) const;
};

// The calling thread: a session's threads start where their maker may run, so after they have.
Status place_caller(const device::Placement& placement);

}  // namespace fettle::realtime
