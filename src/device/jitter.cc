// SPDX-License-Identifier: Apache-2.0
#include "device/jitter.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "device/sysfs.h"

namespace fettle::device {

namespace {

const std::string kCpu = "/sys/devices/system/cpu/cpu";

std::optional<int64_t> count_throttle_events() {
  std::optional<int64_t> sum;
  for (const int cpu : parse_cpu_list(read_sysfs("/sys/devices/system/cpu/online"))) {
    const auto n =
        read_sysfs_number(kCpu + std::to_string(cpu) + "/thermal_throttle/core_throttle_count");
    if (n) sum = sum.value_or(0) + *n;
  }
  return sum;
}

std::optional<double> lowest_clock_mhz() {
  std::optional<double> slowest;
  for (const int cpu : parse_cpu_list(read_sysfs("/sys/devices/system/cpu/online"))) {
    const auto khz = read_sysfs_number(kCpu + std::to_string(cpu) + "/cpufreq/scaling_cur_freq");
    if (khz) slowest = std::min(slowest.value_or(1e9), static_cast<double>(*khz) / 1000);
  }
  return slowest;
}

template <class T>
std::optional<T> difference(const std::optional<T>& before, const std::optional<T>& after) {
  if (!before || !after) return {};
  return *after - *before;
}

}  // namespace

std::optional<int64_t> migrations_in(const std::string& sched) {
  // "se.nr_migrations   :    3"
  const size_t name = sched.find("nr_migrations");
  if (name == sched.npos) return {};
  const size_t colon = sched.find(':', name);
  if (colon == sched.npos) return {};
  const size_t digit = sched.find_first_not_of(' ', colon + 1);
  if (digit == sched.npos) return {};
  int64_t value = 0;
  const auto result = std::from_chars(sched.data() + digit, sched.data() + sched.size(), value);
  if (result.ec != std::errc{}) return {};
  return value;
}

std::optional<StolenTicks> stolen_in(const std::string& stat) {
  // "cpu  user nice system idle iowait irq softirq steal ..."
  if (!stat.starts_with("cpu ")) return {};
  std::vector<int64_t> ticks;
  const char* at = stat.data() + 3;
  const char* end = stat.data() + std::min(stat.find('\n'), stat.size());
  while (at < end && ticks.size() < 8) {
    while (at < end && *at == ' ') ++at;
    int64_t value = 0;
    const auto result = std::from_chars(at, end, value);
    if (result.ec != std::errc{}) break;
    ticks.push_back(value);
    at = result.ptr;
  }
  if (ticks.size() < 8) return {};
  return StolenTicks{ticks[7], ticks[5] + ticks[6]};
}

std::optional<bool> clock_held_down(const std::string& root) {
  std::optional<bool> held;
  // Types are "thermal-cpufreq-0", "cpufreq-cpu0" and "Processor" (ACPI).
  for (int i = 0; i < 64; ++i) {
    const std::string dir = root + "/sys/class/thermal/cooling_device" + std::to_string(i);
    const std::string type = read_sysfs(dir + "/type");
    if (type.empty()) break;
    if (type.find("cpufreq") == type.npos && type != "Processor") continue;
    if (const auto state = read_sysfs_number(dir + "/cur_state")) {
      held = held.value_or(false) || *state > 0;
    }
  }
  // Bits of now: 0 too low a voltage, 1 clock capped, 2 throttled, 3 soft temperature limit.
  const std::string pi = read_sysfs(root + "/sys/devices/platform/soc/soc:firmware/get_throttled");
  if (!pi.empty()) {
    const size_t digits = pi.starts_with("0x") ? 2 : 0;
    unsigned bits = 0;
    const auto result = std::from_chars(pi.data() + digits, pi.data() + pi.size(), bits, 16);
    if (result.ec == std::errc{}) held = held.value_or(false) || (bits & 0xf) != 0;
  }
  return held;
}

JitterCounters JitterCounters::read() {
  JitterCounters c;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    c.minor_faults = usage.ru_minflt;
    c.major_faults = usage.ru_majflt;
    c.voluntary_switches = usage.ru_nvcsw;
    c.involuntary_switches = usage.ru_nivcsw;
  }
  c.migrations = migrations_in(read_sysfs("/proc/thread-self/sched"));
  if (const auto stolen = stolen_in(read_sysfs("/proc/stat"))) {
    const int64_t tick_us = 1000000 / std::max(1L, sysconf(_SC_CLK_TCK));
    c.steal_us = stolen->steal * tick_us;
    c.interrupt_us = stolen->interrupts * tick_us;
  }
  c.throttle_events = count_throttle_events();
  c.throttled = clock_held_down("");
  c.slowest_mhz = lowest_clock_mhz();
  return c;
}

JitterCounters delta(const JitterCounters& before, const JitterCounters& after) {
  JitterCounters d;
  d.minor_faults = after.minor_faults - before.minor_faults;
  d.major_faults = after.major_faults - before.major_faults;
  d.voluntary_switches = after.voluntary_switches - before.voluntary_switches;
  d.involuntary_switches = after.involuntary_switches - before.involuntary_switches;
  d.migrations = difference(before.migrations, after.migrations);
  d.steal_us = difference(before.steal_us, after.steal_us);
  d.interrupt_us = difference(before.interrupt_us, after.interrupt_us);
  d.throttle_events = difference(before.throttle_events, after.throttle_events);
  if (before.throttled && after.throttled) d.throttled = *before.throttled || *after.throttled;
  if (before.slowest_mhz && after.slowest_mhz) {
    d.slowest_mhz = std::min(*before.slowest_mhz, *after.slowest_mhz);
  }
  return d;
}

}  // namespace fettle::device
