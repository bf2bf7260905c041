// SPDX-License-Identifier: Apache-2.0
//
// Counts system calls and locks. System calls are trapped by a seccomp filter, which needs no
// privilege and misses nothing; once set it cannot be taken off, so that the counting happens in a
// child process. Locks are counted where pthread's functions are replaced in this program
// (std::mutex ends in them).
#pragma once

#include <cstdint>
#include <functional>

namespace fettle::runtime {

struct CallCount {
  int64_t system_calls = 0;
  int64_t first_number = -1;  // of the first one, as in <sys/syscall.h>
  int64_t locks = 0;          // taken, tried or waited for, free or not
};

// Calls prepare() and then each item(0), ..., item(items - 1) in a child process, with every system
// call counted and refused (ENOSYS) in the latter. False where the system has no seccomp.
bool count_calls(const std::function<void()>& prepare, int items,
                 const std::function<void(int)>& item, CallCount* counts);

}  // namespace fettle::runtime
