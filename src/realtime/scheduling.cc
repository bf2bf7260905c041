// SPDX-License-Identifier: Apache-2.0
#include "realtime/scheduling.h"

#include <sched.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace fettle::realtime {

namespace {

Status fifo_refused(int priority, int error) {
  std::string message =
      "SCHED_FIFO priority " + std::to_string(priority) + " is refused: " + std::strerror(error);
  if (error == EPERM) {
    rlimit limit{};
    getrlimit(RLIMIT_RTPRIO, &limit);
    message += "; RLIMIT_RTPRIO is " +
               (limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur)) +
               ": raise it to " + std::to_string(priority) +
               " (ulimit -r, 'rtprio' in /etc/security/limits.conf, LimitRTPRIO= of a systemd "
               "unit) or give the program CAP_SYS_NICE (setcap cap_sys_nice+ep); where that is "
               "done, its control group may have no real-time budget (cpu.rt_runtime_us)";
  }
  return {Code::failed, message};
}

struct Before {
  int policy;
  sched_param parameters;
};

}  // namespace

Status make_fifo(std::span<const pid_t> threads, int priority) {
  const int least = sched_get_priority_min(SCHED_FIFO), most = sched_get_priority_max(SCHED_FIFO);
  if (priority < least || priority > most) {
    return usage_error("a SCHED_FIFO priority is " + std::to_string(least) + " to " +
                       std::to_string(most) + ", not " + std::to_string(priority));
  }
  sched_param fifo{};
  fifo.sched_priority = priority;
  std::vector<Before> before;
  for (size_t i = 0; i < threads.size(); ++i) {
    Before b{sched_getscheduler(threads[i]), {}};
    if (b.policy >= 0 && sched_getparam(threads[i], &b.parameters) == 0 &&
        sched_setscheduler(threads[i], SCHED_FIFO, &fifo) == 0) {
      before.push_back(b);
      continue;
    }
    const int error = errno;
    for (size_t j = 0; j < before.size(); ++j) {
      (void)sched_setscheduler(threads[j], before[j].policy, &before[j].parameters);
    }
    return fifo_refused(priority, error);
  }
  return {};
}

void end_fifo(std::span<const pid_t> threads) {
  const sched_param ordinary{};
  for (const pid_t thread : threads) (void)sched_setscheduler(thread, SCHED_OTHER, &ordinary);
}

Status place_thread(pid_t thread, std::span<const int> cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) {
    if (core < 0 || core >= CPU_SETSIZE) {
      return usage_error("there is no processor " + std::to_string(core));
    }
    CPU_SET(static_cast<size_t>(core), &set);
  }
  if (sched_setaffinity(thread, sizeof set, &set) == 0) return {};
  return {Code::failed,
          std::string("a thread cannot be placed on its processors: ") + std::strerror(errno)};
}

}  // namespace fettle::realtime
