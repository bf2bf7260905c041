// SPDX-License-Identifier: Apache-2.0
#include "device/profile.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>

#include "base/files.h"

namespace fettle::device {

namespace {

constexpr size_t kMaxProfileBytes = size_t{256} << 10;
constexpr std::string_view kSuffix = ".yaml";

// Of the running program; empty where the system does not say.
std::string program_directory() {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0 || n == static_cast<ssize_t>(sizeof path)) return {};
  const std::string_view whole(path, static_cast<size_t>(n));
  return std::string(whole.substr(0, whole.rfind('/')));
}

bool readable(const std::string& path) { return access(path.c_str(), R_OK) == 0; }

}  // namespace

const Peak* Cluster::find_peak(DType type, Isa have) const {
  const Peak* best = nullptr;
  for (const Peak& p : peaks) {
    if (p.type != type || !implies(have, p.isa)) continue;
    if (!best || p.gmacs.value / p.at_mhz.value > best->gmacs.value / best->at_mhz.value) best = &p;
  }
  return best;
}

int Profile::core_count() const {
  int n = 0;
  for (const Cluster& c : clusters) n += c.core_count();
  return n;
}

const Cluster* Profile::find_cluster(std::string_view wanted) const {
  for (const Cluster& c : clusters) {
    if (c.name == wanted) return &c;
  }
  return nullptr;
}

const Cluster& Profile::fastest_cluster() const {
  const auto speed = [](const Cluster& c) {
    const Peak* p = c.find_peak(DType::f32);
    return p ? p->gmacs.value / p->at_mhz.value * c.max_mhz() : 0.0;
  };
  return *std::max_element(clusters.begin(), clusters.end(),
                           [&](const auto& a, const auto& b) { return speed(a) < speed(b); });
}

int64_t Profile::cache_per_core_bytes() const {
  double kib = 0;
  for (const Cache& c : fastest_cluster().caches) {
    if (c.level <= 2) kib = std::max(kib, c.size_kib.value / std::max(1, c.shared_by));
  }
  return static_cast<int64_t>(kib * 1024);
}

Result<Profile> load_profile(const std::string& path) {
  FETTLE_ASSIGN(const std::string text, read_file(path, kMaxProfileBytes));
  return parse_profile(text, path);
}

std::vector<std::string> profile_directories() {
  std::vector<std::string> dirs;
  if (const char* list = std::getenv("FETTLE_DEVICES")) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(':'), rest.size());
      if (end > 0) dirs.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  if (const std::string program = program_directory(); !program.empty()) {
    // Beside the program, installed beside bin/, and in the sources above build/<preset>/bin/.
    for (const char* at : {"/devices", "/../share/fettle/devices", "/../../../devices"}) {
      dirs.push_back(program + at);
    }
  }
  return dirs;
}

Result<Profile> find_profile(const std::string& id) {
  if (id.find('/') != id.npos || id.ends_with(kSuffix)) return load_profile(id);
  for (const std::string& dir : profile_directories()) {
    const std::string path = dir + "/" + id + std::string(kSuffix);
    if (readable(path)) return load_profile(path);
  }
  std::string known;
  for (const std::string& other : list_profiles()) known += (known.empty() ? "" : ", ") + other;
  return usage_error("no device '" + id + "'; " +
                     (known.empty()
                          ? "no profiles were found: set FETTLE_DEVICES to their directory"
                          : "known are " + known) +
                     ", or give the path of a profile");
}

std::vector<std::string> list_profiles() {
  std::vector<std::string> ids;
  for (const std::string& dir : profile_directories()) {
    const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(dir.c_str()), closedir);
    if (!open) continue;
    while (const dirent* entry = readdir(open.get())) {
      const std::string_view name = entry->d_name;
      if (name.size() > kSuffix.size() && name.ends_with(kSuffix) && name[0] != '.') {
        ids.emplace_back(name.substr(0, name.size() - kSuffix.size()));
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace fettle::device
