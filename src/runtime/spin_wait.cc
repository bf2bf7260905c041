// SPDX-License-Identifier: Apache-2.0
#include "runtime/spin_wait.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "base/clock.h"

namespace fettle::runtime {

namespace {

// Between two looks at the clock: a microsecond or less.
constexpr int kLooks = 16;

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");  // `yield` does nothing on these cores
#endif
}

}  // namespace

// A sleeper announces itself before its last look and a writer looks for sleepers after its store;
// all four are in the one order of sequential consistency, so that one of them sees the other.
uint32_t WaitedValue::wait_change(uint32_t old, int64_t spin_ns) {
  if (spin_ns > 0) {
    const int64_t until = now_ns() + spin_ns;
    do {
      for (int i = 0; i < kLooks; ++i) {
        const uint32_t now = value.load(std::memory_order_acquire);
        if (now != old) return now;
        relax();
      }
    } while (now_ns() < until);
  }
  sleepers.fetch_add(1);
  uint32_t now = value.load();
  while (now == old) {
    syscall(SYS_futex, &value, FUTEX_WAIT_PRIVATE, old, nullptr, nullptr, 0);
    now = value.load();
  }
  sleepers.fetch_sub(1, std::memory_order_relaxed);
  return now;
}

void WaitedValue::wake() {
  if (sleepers.load() == 0) return;
  syscall(SYS_futex, &value, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace fettle::runtime
