// SPDX-License-Identifier: Apache-2.0
//
// Why a run was late, as far as the kernel counts it: page faults, switches, migrations, clocks,
// time that the hypervisor took, thermal throttling. Read before and after, and subtract. What the
// machine does not count is absent.
//
// Thread safety: any thread; the counts are the whole process's, the migrations those of the
// calling thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fettle::device {

struct JitterCounters {
  int64_t minor_faults = 0, major_faults = 0;  // pages without and with a read from disk
  int64_t voluntary_switches = 0;              // it waited for something
  int64_t involuntary_switches = 0;            // it was preempted
  std::optional<int64_t> migrations;           // moves of the calling thread to another core
  std::optional<int64_t> steal_us;             // the hypervisor ran somebody else, all cores
  std::optional<int64_t> interrupt_us;         // hard and soft interrupts, all cores
  std::optional<int64_t> throttle_events;      // thermal, all cores
  std::optional<bool> throttled;               // the clock is held down now: not a count
  std::optional<double> slowest_mhz;           // lowest clock of any core now: not a count

  static JitterCounters read();
};

// after - before; the clock is the lower of the two, and the clock held down if it was at either.
JitterCounters delta(const JitterCounters& before, const JitterCounters& after);

// For tests: "nr_migrations : 3" style lines, and the first line of /proc/stat in ticks.
std::optional<int64_t> migrations_in(const std::string& sched);
struct StolenTicks {
  int64_t steal = 0, interrupts = 0;
};
std::optional<StolenTicks> stolen_in(const std::string& stat);
// Whether a cooling device of the processor is at work (any Arm board), or a Raspberry Pi's
// firmware says so; absent where there is neither. `root` stands before /sys, for tests.
std::optional<bool> clock_held_down(const std::string& root);

}  // namespace fettle::device
