// SPDX-License-Identifier: Apache-2.0
#include "device/probe.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "device/measure.h"
#include "device/sysfs.h"
#include "device/topology.h"

namespace fettle::device {

namespace {

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

// Three significant digits are what such measurements are worth.
double rounded(double value) {
  if (!(value > 0)) return 0;
  const double scale = std::pow(10, 2 - std::floor(std::log10(value)));
  return std::round(value * scale) / scale;
}

// What firmware and kernel hand out goes into a file that refuses control characters.
std::string cleaned(std::string text, size_t most = 200) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return text.substr(0, most);
}

class Probe {
 public:
  explicit Probe(const ProbeOptions& options)
      : options_(options), groups_(read_topology("", usable_cpus())) {
    const std::string date = today();
    measured_ = "[measured] by fettle device probe on " + date;
    kernel_ = "[stated] by the kernel, read by fettle device probe on " + date;
    for (const CoreGroup& g : groups_) cpus_.insert(cpus_.end(), g.cpus.begin(), g.cpus.end());
    plan();
  }

  Profile run() {
    Profile p;
    p.id = options_.id;
    p.board = cleaned(board());
    for (size_t i = 0; i < groups_.size(); ++i) p.clusters.push_back(cluster(groups_[i], i));
    p.name = p.board.empty() ? p.clusters[0].core : p.board;
    move_shared_caches(&p);
    p.memory = memory();
    p.thermal = thermal();
    step("done", 0);
    return p;
  }

 private:
  Figure measured(double value) const { return {value, confidence_of(measured_), measured_}; }
  Figure told(double value) const { return {value, confidence_of(kernel_), kernel_}; }

  // Shares out the time: every measurement counts the same.
  void plan() {
    int count = 0;
    for (const CoreGroup& g : groups_) {
      count += 1 + static_cast<int>(g.caches.size());
      for (const PeakLoop& l : peak_loops()) count += runs_here(l) ? 1 : 0;
    }
    count += static_cast<int>(thread_counts().size());
    share_ = std::clamp(options_.seconds, 0.05, 60.0) / count;
    total_ = count;
  }

  static bool runs_here(const PeakLoop& l) {
    const auto isas = available_isas();
    return std::find(isas.begin(), isas.end(), l.isa) != isas.end();
  }

  void step(const std::string& what, int steps = 1) {
    if (options_.on_progress) options_.on_progress(what, static_cast<double>(done_) / total_);
    done_ += steps;
  }

  static std::string board() {
    std::string name = read_sysfs("/proc/device-tree/model");
    if (name.empty()) name = read_sysfs("/sys/devices/virtual/dmi/id/product_name");
    return name;
  }

  Cluster cluster(const CoreGroup& g, size_t index) {
    Cluster c;
    c.name = "cluster" + std::to_string(index);
    c.core = cleaned(g.core);
    c.isa = available_isas().back();
    c.cores = told(static_cast<double>(g.cpus.size()));
    const PinnedThread pinned(g.cpus[0]);
    step("clock of " + c.core);
    const double mhz = std::clamp(rounded(measure_clock_mhz(share_)), 1.0, 9999.0);
    for (const int known : g.clocks_mhz) c.clocks.push_back({told(known), {}, {}});
    if (c.clocks.empty()) c.clocks.push_back({measured(mhz), {}, {}});
    for (const CacheInfo& info : g.caches) {
      if (!c.caches.empty() && c.caches.back().level >= info.level) continue;
      step("reading from cache level " + std::to_string(info.level));
      Cache cache{info.level, told(info.size_kib), static_cast<int>(info.cpus.size()), {}};
      // Half of it, so that the rest of the program has room.
      const size_t bytes = static_cast<size_t>(info.size_kib) * 512;
      const double gbps = rounded(measure_read_gbps({g.cpus[0]}, bytes, share_));
      if (gbps > 0) cache.read_gbps = measured(gbps);
      c.caches.push_back(std::move(cache));
    }
    for (const PeakLoop& loop : peak_loops()) {
      if (!runs_here(loop)) continue;
      step("peak of " + std::string(fettle::name_of(loop.type)) + " with " +
           std::string(fettle::name_of(loop.isa)));
      c.peaks.push_back({loop.type, loop.isa, measured(rounded(measure_peak_gmacs(loop, share_))),
                         measured(mhz)});
    }
    return c;
  }

  // A cache that more than one group's cores share belongs to the machine.
  void move_shared_caches(Profile* p) const {
    if (groups_.size() < 2) return;
    for (size_t i = 0; i < groups_.size(); ++i) {
      auto& caches = p->clusters[i].caches;
      std::erase_if(caches, [&](const Cache& c) {
        if (c.shared_by <= static_cast<int>(groups_[i].cpus.size())) return false;
        const bool known = std::any_of(p->shared_caches.begin(), p->shared_caches.end(),
                                       [&](const Cache& s) { return s.level == c.level; });
        if (!known) p->shared_caches.push_back(c);
        return true;
      });
    }
    std::sort(p->shared_caches.begin(), p->shared_caches.end(),
              [](const Cache& a, const Cache& b) { return a.level < b.level; });
  }

  std::vector<int> thread_counts() const {
    const int most = static_cast<int>(std::min<size_t>(cpus_.size(), 64));
    std::vector<int> counts;
    for (int n = 1; n < most; n *= 2) counts.push_back(n);
    counts.push_back(most);
    return counts;
  }

  // Of the machine or, where it is less, of the control group.
  static double total_kib() {
    double kib = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                 static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
    if (const auto limit = read_sysfs_number("/sys/fs/cgroup/memory.max")) {
      kib = std::min(kib, static_cast<double>(*limit) / 1024);
    }
    return std::floor(kib);
  }

  Memory memory() {
    Memory m;
    const double kib = total_kib();
    m.total_kib = told(kib);
    double cache_kib = 0;
    for (const CoreGroup& g : groups_) {
      for (const CacheInfo& c : g.caches) cache_kib = std::max(cache_kib, 1.0 * c.size_kib);
    }
    // Past every cache, and never more than an eighth of what there is.
    const double want_kib = std::clamp(cache_kib * 8, 65536.0, 1048576.0);
    const auto bytes = static_cast<size_t>(std::min(want_kib, kib / 8) * 1024);
    for (const int n : thread_counts()) {
      step("reading memory with " + std::to_string(n) + (n == 1 ? " thread" : " threads"));
      const double gbps =
          rounded(measure_read_gbps({cpus_.begin(), cpus_.begin() + n}, bytes, share_));
      if (gbps > 0) m.read.push_back({"", n, measured(gbps)});
    }
    return m;
  }

  Thermal thermal() const {
    Thermal t;
    std::map<std::pair<double, std::string>, bool> seen;
    for (int zone = 0; zone < 64; ++zone) {
      const std::string dir = "/sys/class/thermal/thermal_zone" + std::to_string(zone);
      const std::string type = cleaned(read_sysfs(dir + "/type"), 60);
      if (type.empty()) break;
      for (int trip = 0; trip < 16; ++trip) {
        const std::string stem = dir + "/trip_point_" + std::to_string(trip);
        const auto milli = read_sysfs_number(stem + "_temp");
        if (!milli) break;
        const double celsius = static_cast<double>(*milli) / 1000;
        if (celsius <= 0 || celsius > 200) continue;  // switched off
        seen[{celsius, type + ": " + cleaned(read_sysfs(stem + "_type"), 60)}] = true;
      }
    }
    for (const auto& [trip, unused] : seen) {
      if (t.trips.size() < 32) t.trips.push_back({trip.second, told(trip.first)});
    }
    return t;
  }

  const ProbeOptions& options_;
  std::vector<CoreGroup> groups_;
  std::vector<int> cpus_;  // all, one per core
  std::string measured_, kernel_;
  double share_ = 0;
  int done_ = 0, total_ = 1;
};

}  // namespace

Result<Profile> probe_device(const ProbeOptions& options) {
  Profile p = Probe(options).run();
  if (p.memory.read.empty()) {
    return Status(Code::out_of_memory, "no memory to measure its bandwidth with", "device probe");
  }
  // What is handed out can be read back: the same checks as for anybody's profile.
  return parse_profile(write_profile(p), "device probe");
}

}  // namespace fettle::device
