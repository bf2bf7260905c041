// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <sstream>

#include "device/placement.h"
#include "device/sysfs.h"

namespace fettle::device {

namespace {

// quota / period, both in microseconds; "max" and -1 are no limit.
std::optional<double> ratio(std::string_view quota, std::string_view period) {
  double values[2] = {};
  for (int i = 0; i < 2; ++i) {
    const std::string_view text = i == 0 ? quota : period;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), values[i]);
    if (result.ec != std::errc{} || !(values[i] > 0)) return {};
  }
  return values[0] / values[1];
}

// The limit of one group: v2 has "max 100000" or "150000 100000" in cpu.max.
std::optional<double> limit_of(const std::string& dir) {
  const std::string both = read_sysfs(dir + "/cpu.max");
  if (const size_t space = both.find(' '); space != both.npos) {
    return ratio(std::string_view(both).substr(0, space), std::string_view(both).substr(space + 1));
  }
  return ratio(read_sysfs(dir + "/cpu.cfs_quota_us"), read_sysfs(dir + "/cpu.cfs_period_us"));
}

}  // namespace

std::optional<double> cpu_quota(const std::string& root) {
  std::optional<double> least;
  std::istringstream lines(read_sysfs(root + "/proc/self/cgroup"));
  // "0::/user.slice/x" (v2) or "4:cpu,cpuacct:/docker/x" (v1)
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && ("," + controllers + ",").find(",cpu,") == std::string::npos) {
      continue;
    }
    const std::string mount =
        root + "/sys/fs/cgroup" + (controllers.empty() ? "" : "/" + controllers);
    // A group is held by every group above it too. In a container the path may not be there, and
    // the mount itself is the group.
    std::string path = line.substr(second + 1);
    while (true) {
      if (const auto limit = limit_of(mount + path)) least = std::min(least.value_or(1e9), *limit);
      if (path.empty()) break;
      path.resize(path.find_last_of('/') == path.npos ? 0 : path.find_last_of('/'));
    }
  }
  return least;
}

}  // namespace fettle::device
