// SPDX-License-Identifier: Apache-2.0
#include "realtime/surroundings.h"

#include "device/sysfs.h"

namespace fettle::realtime {

namespace {

std::string throttle_of_real_time(const std::string& root) {
  const auto runtime = device::read_sysfs_number(root + "/proc/sys/kernel/sched_rt_runtime_us");
  const auto period = device::read_sysfs_number(root + "/proc/sys/kernel/sched_rt_period_us");
  // -1, which is no number of microseconds, switches it off.
  if (!runtime || !period || *runtime < 0 || *runtime >= *period) return {};
  return "real-time threads get " + std::to_string(*runtime / 1000) + " of every " +
         std::to_string(*period / 1000) +
         " ms: one that is always busy is held up for the rest. Leave it time to sleep, or set "
         "kernel.sched_rt_runtime_us to -1, where a thread that never sleeps then takes its core "
         "for good";
}

std::string governor_of(const std::vector<int>& cores, const std::string& root) {
  for (const int core : cores) {
    const std::string governor = device::read_sysfs(
        root + "/sys/devices/system/cpu/cpu" + std::to_string(core) + "/cpufreq/scaling_governor");
    if (governor.empty() || governor == "performance") continue;
    return "the clock of processor " + std::to_string(core) + " is governed by '" +
           governor.substr(0, 32) +
           "' and follows the load: sparse runs are slower than dense ones. Set 'performance' "
           "(cpupower frequency-set -g performance) where heat and battery allow it";
  }
  return {};
}

std::string huge_pages(const std::string& root) {
  const std::string enabled =
      device::read_sysfs(root + "/sys/kernel/mm/transparent_hugepage/enabled");
  if (enabled.find("[always]") == enabled.npos) return {};
  return "transparent huge pages are made for every program, and memory is moved about to make "
         "them: write 'madvise' to /sys/kernel/mm/transparent_hugepage/enabled";
}

}  // namespace

std::vector<std::string> unsteady_surroundings(const std::vector<int>& cores, bool fifo,
                                               const std::string& root) {
  std::vector<std::string> found;
  for (const std::string& s : {fifo ? throttle_of_real_time(root) : std::string(),
                               governor_of(cores, root), huge_pages(root)}) {
    if (!s.empty()) found.push_back(s);
  }
  return found;
}

}  // namespace fettle::realtime
