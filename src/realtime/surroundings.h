// SPDX-License-Identifier: Apache-2.0
//
// What on this machine works against the same time for every run, as far as the kernel tells: how
// the clock is governed, huge pages made behind the program's back, the throttle of real-time
// threads.
#pragma once

#include <string>
#include <vector>

namespace fettle::realtime {

// A sentence for each, with what to do about it. `cores`: of the threads; `fifo`: they run under
// SCHED_FIFO. `root` stands before /proc and /sys, for tests.
std::vector<std::string> unsteady_surroundings(const std::vector<int>& cores, bool fifo,
                                               const std::string& root = "");

}  // namespace fettle::realtime
