// SPDX-License-Identifier: Apache-2.0
#include "measure/competing_load.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

namespace fettle::measure {

namespace {

[[noreturn]] void go_over_memory() {
  void* memory = mmap(nullptr, CompetingLoad::kBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) _exit(1);
  auto* words = static_cast<volatile uint64_t*>(memory);
  while (true) {
    // One word of each cache line, so that lines are fetched and written back and little else.
    for (size_t i = 0; i < CompetingLoad::kBytes / sizeof(uint64_t); i += 8)
      words[i] = words[i] + 1;
  }
}

[[noreturn]] void compute() {
  double x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  while (true) {
    for (int round = 0; round < 1024; ++round) {
      for (double& v : x) v = v * 0.999 + 0.001;
    }
    asm volatile("" : : "r"(x) : "memory");
  }
}

[[noreturn]] void be_busy(int index, const std::vector<int>& cores, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it has died already
  if (!cores.empty()) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int core : cores) CPU_SET(static_cast<size_t>(core), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) _exit(1);
  }
  if (index % 2 == 0) go_over_memory();
  compute();
}

}  // namespace

Result<std::unique_ptr<CompetingLoad>> CompetingLoad::start(int processes,
                                                            const std::vector<int>& cores) {
  std::unique_ptr<CompetingLoad> load(new CompetingLoad());
  const pid_t parent = getpid();
  for (int i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) be_busy(i, cores, parent);
    if (child < 0) {
      return Status(Code::failed, "cannot start process " + std::to_string(i + 1) + " of " +
                                      std::to_string(processes) +
                                      " of the load: " + std::strerror(errno));
    }
    load->children_.push_back(child);
  }
  return load;
}

CompetingLoad::~CompetingLoad() {
  for (const pid_t child : children_) kill(child, SIGKILL);
  for (const pid_t child : children_) waitpid(child, nullptr, 0);
}

double CompetingLoad::cpu_seconds() const {
  double sum = 0;
  for (const pid_t child : children_) {
    clockid_t clock{};
    timespec t{};
    if (clock_getcpuclockid(child, &clock) != 0 || clock_gettime(clock, &t) != 0) continue;
    sum += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }
  return sum;
}

}  // namespace fettle::measure
