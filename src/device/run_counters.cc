// SPDX-License-Identifier: Apache-2.0
#include "device/run_counters.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include "base/clock.h"

namespace fettle::device {

namespace {

int64_t thread_cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

int open_schedstat(const std::string& thread) {
  return open(("/proc/" + thread + "/schedstat").c_str(), O_RDONLY | O_CLOEXEC);
}

std::string_view read_line(int file, std::span<char> line) {
  const ssize_t n = pread(file, line.data(), line.size(), 0);
  return {line.data(), n > 0 ? static_cast<size_t>(n) : 0};
}

}  // namespace

RunCounts operator-(const RunCounts& after, const RunCounts& before) {
  RunCounts d;
  d.minor_faults = after.minor_faults - before.minor_faults;
  d.major_faults = after.major_faults - before.major_faults;
  d.voluntary_switches = after.voluntary_switches - before.voluntary_switches;
  d.involuntary_switches = after.involuntary_switches - before.involuntary_switches;
  d.waited_ns = after.waited_ns - before.waited_ns;
  d.own_waited_ns = after.own_waited_ns - before.own_waited_ns;
  d.cpu_ns = after.cpu_ns - before.cpu_ns;
  d.cpu = after.cpu;
  return d;
}

int64_t waited_in(std::string_view schedstat) {
  const size_t space = schedstat.find(' ');
  if (space == schedstat.npos) return 0;
  int64_t waited = 0;
  std::from_chars(schedstat.data() + space + 1, schedstat.data() + schedstat.size(), waited);
  return waited;
}

RunCounters::RunCounters(std::span<const pid_t> workers) : alone_(workers.empty()) {
  schedstats_.push_back(open_schedstat("thread-self"));
  for (const pid_t id : workers)
    schedstats_.push_back(open_schedstat("self/task/" + std::to_string(id)));
  std::erase_if(schedstats_, [](int file) { return file < 0; });
  // A kernel that does not count has the file and writes "0 0 0".
  char line[96];
  for (const int file : schedstats_) {
    const std::string_view text = read_line(file, line);
    if (!text.empty() && !text.starts_with("0 0 0")) counts_waiting_ = true;
  }
}

RunCounters::~RunCounters() {
  for (const int file : schedstats_) close(file);
}

RunCounts RunCounters::read() const {
  RunCounts c;
  rusage usage{};
  getrusage(alone_ ? RUSAGE_THREAD : RUSAGE_SELF, &usage);
  c.minor_faults = usage.ru_minflt;
  c.major_faults = usage.ru_majflt;
  c.voluntary_switches = usage.ru_nvcsw;
  c.involuntary_switches = usage.ru_nivcsw;
  char line[96];
  for (const int file : schedstats_) {
    c.waited_ns += waited_in(read_line(file, line));
    if (file == schedstats_[0]) c.own_waited_ns = c.waited_ns;
  }
  c.cpu = sched_getcpu();
  c.cpu_ns = thread_cpu_ns();
  return c;
}

double RunCounters::cost_us() const {
  constexpr int kTries = 50;
  int64_t least = INT64_MAX;
  for (int i = 0; i < kTries; ++i) {
    const int64_t start = now_ns();
    const RunCounts c = read();
    asm volatile("" : : "r"(&c) : "memory");
    least = std::min(least, now_ns() - start);
  }
  return static_cast<double>(least) / 1e3;
}

}  // namespace fettle::device
