// SPDX-License-Identifier: Apache-2.0
#include "device/placement.h"

#include <algorithm>
#include <cctype>

#include "device/sysfs.h"

namespace fettle::device {

namespace {

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Slowest first: by what the kernel says of their capacity, then by their clocks.
std::vector<CoreGroup> by_speed(std::vector<CoreGroup> groups) {
  std::stable_sort(groups.begin(), groups.end(), [](const CoreGroup& a, const CoreGroup& b) {
    if (a.capacity != b.capacity) return a.capacity < b.capacity;
    const int a_mhz = a.clocks_mhz.empty() ? 0 : a.clocks_mhz.back();
    const int b_mhz = b.clocks_mhz.empty() ? 0 : b.clocks_mhz.back();
    return a_mhz < b_mhz;
  });
  return groups;
}

std::string names_of(const std::vector<CoreGroup>& groups) {
  std::string names;
  for (const CoreGroup& g : groups) names += (names.empty() ? "'" : ", '") + g.core + "'";
  return names;
}

std::string list_of(const std::vector<int>& cpus) {
  std::string list;
  for (const int cpu : cpus) list += (list.empty() ? "" : ",") + std::to_string(cpu);
  return list;
}

bool is_list(const std::string& text) {
  return text.find_first_not_of("0123456789,-") == std::string::npos;
}

Result<std::vector<int>> processors_in(const std::string& list, const std::vector<int>& usable) {
  std::vector<int> cores = parse_cpu_list(list);
  size_t numbers = 1;
  for (const char c : list) numbers += c == ',';
  if (cores.size() < numbers) {
    return usage_error("'" + list + "' is not a list of processors such as 0-3,6");
  }
  for (size_t i = 0; i < cores.size(); ++i) {
    if (std::find(usable.begin(), usable.end(), cores[i]) == usable.end()) {
      return usage_error("processor " + std::to_string(cores[i]) +
                         " is not one that this process may use: those are " + list_of(usable));
    }
    if (std::find(cores.begin(), cores.begin() + static_cast<std::ptrdiff_t>(i), cores[i]) !=
        cores.begin() + static_cast<std::ptrdiff_t>(i)) {
      return usage_error("processor " + std::to_string(cores[i]) + " is listed twice");
    }
  }
  return cores;
}

Result<std::vector<int>> cores_named(const std::string& wish,
                                     const std::vector<CoreGroup>& groups) {
  const std::string name = lower_case(wish);
  if (name == "big") return groups.back().cpus;
  if (name == "little") return groups.front().cpus;
  for (const CoreGroup& g : groups) {
    const std::string core = lower_case(g.core);
    if (core == name || core.ends_with("-" + name)) return g.cpus;
  }
  return usage_error("there are no cores '" + wish + "' here: give 'big', 'little', " +
                     names_of(groups) + " or a list of processors");
}

int as_many_as_paid_for(size_t cores, std::optional<double> quota) {
  const auto all = static_cast<double>(cores);
  return static_cast<int>(std::clamp(quota.value_or(all), 1.0, all));
}

}  // namespace

Processors usable_processors() {
  std::vector<int> usable = usable_cpus();
  std::vector<CoreGroup> groups = read_topology("", usable);
  return {std::move(usable), std::move(groups), cpu_quota("")};
}

Result<Placement> place_threads(const PlacementRequest& request, const Processors& processors) {
  const std::vector<CoreGroup> groups = by_speed(processors.groups);
  Placement p;
  if (!request.cores.empty()) {
    FETTLE_ASSIGN(p.cores, is_list(request.cores) ? processors_in(request.cores, processors.usable)
                                                  : cores_named(request.cores, groups));
    p.threads = request.threads;
    if (p.threads == 0) p.threads = as_many_as_paid_for(p.cores.size(), processors.quota);
    return p;
  }
  const std::vector<int>& fastest = groups.back().cpus;
  p.threads = request.threads;
  if (p.threads == 0) p.threads = as_many_as_paid_for(fastest.size(), processors.quota);
  if (groups.size() > 1 && static_cast<size_t>(p.threads) <= fastest.size()) p.cores = fastest;
  return p;
}

}  // namespace fettle::device
