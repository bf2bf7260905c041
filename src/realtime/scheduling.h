// SPDX-License-Identifier: Apache-2.0
//
// Where threads run and what they yield to. Threads are named by the kernel's ids
// (runtime::Workers::ids()); 0 is the caller.
//
// Thread safety: any thread.
#pragma once

#include <sys/types.h>

#include <span>

#include "base/status.h"

namespace fettle::realtime {

// From now on only threads of higher real-time priority come before these (SCHED_FIFO, 1 lowest,
// 99 highest). A refusal says which limit to raise, and changes nothing.
Status make_fifo(std::span<const pid_t> threads, int priority);

// Back to the usual scheduling. A FIFO thread that spins for another one on its processor waits
// forever, so that what is no part of the real-time loop runs without.
void end_fifo(std::span<const pid_t> threads);

// The processors that a thread may use from now on.
Status place_thread(pid_t thread, std::span<const int> cores);

}  // namespace fettle::realtime
