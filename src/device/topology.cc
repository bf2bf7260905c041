// SPDX-License-Identifier: Apache-2.0
#include "device/topology.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "device/sysfs.h"

namespace fettle::device {

namespace {

struct ArmPart {
  const char *part, *name;
};
constexpr ArmPart kArmParts[] = {
    {"0xd03", "Cortex-A53"},   {"0xd04", "Cortex-A35"},  {"0xd05", "Cortex-A55"},
    {"0xd07", "Cortex-A57"},   {"0xd08", "Cortex-A72"},  {"0xd09", "Cortex-A73"},
    {"0xd0a", "Cortex-A75"},   {"0xd0b", "Cortex-A76"},  {"0xd0c", "Neoverse-N1"},
    {"0xd0d", "Cortex-A77"},   {"0xd40", "Neoverse-V1"}, {"0xd41", "Cortex-A78"},
    {"0xd42", "Cortex-A78AE"}, {"0xd44", "Cortex-X1"},   {"0xd46", "Cortex-A510"},
    {"0xd47", "Cortex-A710"},  {"0xd48", "Cortex-X2"},   {"0xd49", "Neoverse-N2"},
    {"0xd4d", "Cortex-A715"},  {"0xd80", "Cortex-A520"}, {"0xd81", "Cortex-A720"},
};

// /proc/cpuinfo: the value of `name` in the block of `cpu`.
std::string cpuinfo_value(const std::string& cpuinfo, int cpu, const std::string& name) {
  std::istringstream lines(cpuinfo);
  int block = -1;
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const size_t start = line.find_first_not_of(' ', colon + 1);
    const std::string value = start == line.npos ? "" : line.substr(start);
    if (key == "processor") block = std::atoi(value.c_str());
    if (block == cpu && key == name) return value;
  }
  return {};
}

std::string core_name(const std::string& cpuinfo, int cpu) {
  if (const std::string part = cpuinfo_value(cpuinfo, cpu, "CPU part"); !part.empty()) {
    const std::string known = arm_core_name(part);
    return known.empty() ? "Arm core, part " + part : known;
  }
  const std::string model = cpuinfo_value(cpuinfo, cpu, "model name");
  return model.empty() ? "unknown core" : model;
}

std::vector<int> clocks_of(const std::string& cpufreq) {
  std::vector<int> mhz;
  std::istringstream list(read_sysfs(cpufreq + "/scaling_available_frequencies"));
  for (int64_t khz = 0; list >> khz;) mhz.push_back(static_cast<int>(khz / 1000));
  if (mhz.empty()) {
    for (const char* end : {"/cpuinfo_min_freq", "/cpuinfo_max_freq"}) {
      if (const auto khz = read_sysfs_number(cpufreq + end)) {
        mhz.push_back(static_cast<int>(*khz / 1000));
      }
    }
  }
  std::erase_if(mhz, [](int m) { return m < 1 || m > 10000; });
  std::sort(mhz.begin(), mhz.end());
  mhz.erase(std::unique(mhz.begin(), mhz.end()), mhz.end());
  return mhz;
}

std::vector<int> intersection(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> both;
  for (const int x : a) {
    if (std::find(b.begin(), b.end(), x) != b.end()) both.push_back(x);
  }
  return both;
}

std::vector<CacheInfo> caches_of(const std::string& cpu_dir, int cpu,
                                 const std::vector<int>& cores) {
  std::vector<CacheInfo> caches;
  for (int i = 0; i < 8; ++i) {
    const std::string dir = cpu_dir + "/cache/index" + std::to_string(i);
    const std::string type = read_sysfs(dir + "/type");
    const auto level = read_sysfs_number(dir + "/level");
    const auto size = parse_cache_size(read_sysfs(dir + "/size"));
    if ((type != "Data" && type != "Unified") || !level || !size) continue;
    std::vector<int> sharing =
        intersection(parse_cpu_list(read_sysfs(dir + "/shared_cpu_list")), cores);
    if (sharing.empty()) sharing = {cpu};
    caches.push_back({static_cast<int>(*level), static_cast<int>(*size), std::move(sharing)});
  }
  if (caches.empty()) {
    // Many Arm kernels keep quiet in /sys; the C library may know from elsewhere.
    const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE};
    for (int level = 1; level <= 3; ++level) {
      const long bytes = sysconf(names[level - 1]);
      if (bytes < 1024) continue;
      caches.push_back(
          {level, static_cast<int>(bytes / 1024), level == 1 ? std::vector<int>{cpu} : cores});
    }
  }
  std::sort(caches.begin(), caches.end(),
            [](const CacheInfo& a, const CacheInfo& b) { return a.level < b.level; });
  return caches;
}

}  // namespace

std::string arm_core_name(const std::string& part) {
  for (const ArmPart& p : kArmParts) {
    if (part == p.part) return p.name;
  }
  return {};
}

std::vector<int> usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &set)) cpus.push_back(i);
    }
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

std::vector<CoreGroup> read_topology(const std::string& root, const std::vector<int>& usable) {
  const std::string cpus = root + "/sys/devices/system/cpu/cpu";
  const std::string cpuinfo = read_sysfs(root + "/proc/cpuinfo");
  std::vector<int> cores;  // the first usable thread of each
  for (const int cpu : usable) {
    const std::vector<int> siblings = intersection(
        parse_cpu_list(read_sysfs(cpus + std::to_string(cpu) + "/topology/thread_siblings_list")),
        usable);
    if (siblings.empty() || siblings.front() == cpu) cores.push_back(cpu);
  }
  std::vector<CoreGroup> groups;
  std::vector<std::string> keys;
  for (const int cpu : cores) {
    const std::string dir = cpus + std::to_string(cpu);
    const std::string name = core_name(cpuinfo, cpu);
    const auto capacity = read_sysfs_number(dir + "/cpu_capacity").value_or(0);
    const std::string key =
        name + "/" + std::to_string(capacity) + "/" + read_sysfs(dir + "/cpufreq/cpuinfo_max_freq");
    const size_t at = static_cast<size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
    if (at == keys.size()) {
      keys.push_back(key);
      groups.push_back({name,
                        {},
                        static_cast<int>(capacity),
                        clocks_of(dir + "/cpufreq"),
                        caches_of(dir, cpu, cores)});
    }
    groups[at].cpus.push_back(cpu);
  }
  return groups;
}

int64_t cache_per_core_bytes() {
  int64_t least = 0;
  for (const CoreGroup& group : read_topology("", usable_cpus())) {
    int64_t bytes = 0;
    for (const CacheInfo& c : group.caches) {
      const auto sharers = static_cast<int64_t>(std::max<size_t>(1, c.cpus.size()));
      if (c.level <= 2) bytes = std::max(bytes, int64_t{c.size_kib} * 1024 / sharers);
    }
    least = least == 0 ? bytes : std::min(least, bytes);
  }
  return least;
}

}  // namespace fettle::device
