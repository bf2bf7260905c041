// SPDX-License-Identifier: Apache-2.0
//
// Waiting for another thread: look for a bounded time, then sleep in the kernel. Spinning answers
// within a microsecond where a sleeper takes tens; the bound is what it may cost in energy and in
// time that another thread could have had.
//
// Thread safety: any number of waiters on one value. No call allocates.
#pragma once

#include <atomic>
#include <cstdint>

namespace fettle::runtime {

// A value that threads wait on. Its writers store with the default order and then call wake().
struct WaitedValue {
  std::atomic<uint32_t> value{0};
  std::atomic<uint32_t> sleepers{0};

  // Returns the value once it differs from `old`. Spins for `spin_ns` at most, 0 not at all.
  uint32_t wait_change(uint32_t old, int64_t spin_ns);
  // Wakes whoever sleeps; a system call only if somebody does.
  void wake();
};

}  // namespace fettle::runtime
