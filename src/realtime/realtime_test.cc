// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "device/fake_system.h"
#include "realtime/memory_lock.h"
#include "realtime/scheduling.h"
#include "realtime/surroundings.h"

namespace fettle::realtime {
namespace {

// Runs `body` in a process of its own without privileges, and gives back what it returns.
std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(1);
    const std::string result = body();
    const ssize_t written = write(ends[1], result.data(), result.size());
    _exit(written < 0 ? 1 : 0);
  }
  close(ends[1]);
  std::string result;
  char part[512];
  for (ssize_t n = 0; (n = read(ends[0], part, sizeof part)) > 0;) {
    result.append(part, static_cast<size_t>(n));
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return result;
}

int64_t minor_faults() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

TEST(LockMemory, PagesThatWereNeverTouchedAreThere) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers map too much to lock it, and make mlockall do nothing";
#endif
  constexpr size_t kBytes = 64 * 4096;
  void* memory = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const auto locked = lock_memory();
  if (!locked.ok()) {
    munmap(memory, kBytes);
    GTEST_SKIP() << locked.status().to_string();
  }
  EXPECT_GE(*locked, static_cast<int64_t>(kBytes));
  const int64_t before = minor_faults();
  for (size_t i = 0; i < kBytes; i += 4096) static_cast<volatile char*>(memory)[i] = 1;
  volatile char stack[kStackBytes / 2];
  for (size_t i = 0; i < sizeof stack; i += 4096) stack[i] = 1;
  EXPECT_EQ(minor_faults() - before, 0);
  unlock_memory();
  munmap(memory, kBytes);
}

TEST(LockMemory, ARefusalSaysWhatToRaise) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers make mlockall do nothing";
#endif
  const std::string said = in_child([] {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return std::string("no limit");
    const auto locked = lock_memory();
    return locked.ok()
               ? "locked"
               : std::to_string(locked.status().exit_code()) + " " + locked.status().to_string();
  });
  for (const char* part : {"1 ", "RLIMIT_MEMLOCK is 0 MiB", "LimitMEMLOCK", "CAP_IPC_LOCK"}) {
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
}

TEST(Fifo, IsSetOrSaysWhatToRaise) {
  const std::string said = in_child([] {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_RTPRIO, &none) != 0) return std::string("no limit");
    const pid_t self[] = {0};
    const Status status = make_fifo(self, 42);
    return sched_getscheduler(0) == SCHED_OTHER ? status.to_string() : "changed all the same";
  });
  for (const char* part : {"priority 42", "RLIMIT_RTPRIO is 0", "LimitRTPRIO", "CAP_SYS_NICE"}) {
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }
  const pid_t self[] = {0};
  EXPECT_EQ(make_fifo(self, 0).code(), Code::usage);
  EXPECT_EQ(make_fifo(self, 100).code(), Code::usage);
  const pid_t nobody[] = {0, 0x3ffffff};  // the second has no process
  const Status half = make_fifo(nobody, 1);
  EXPECT_FALSE(half.ok());
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER) << "the first was not put back";
  if (const Status status = make_fifo(self, 1); !status.ok()) {
    GTEST_SKIP() << status.to_string();
  }
  EXPECT_EQ(sched_getscheduler(0), SCHED_FIFO);
  end_fifo(self);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST(Placement, OfTheCaller) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  ASSERT_TRUE(place_thread(0, std::vector{first}).ok());
  EXPECT_EQ(sched_getcpu(), first);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(place_thread(0, std::vector{-1}).code(), Code::usage);
  EXPECT_EQ(place_thread(0, std::vector{CPU_SETSIZE - 1}).code(), Code::failed);
}

TEST(Surroundings, EachOneThatIsThere) {
  const device::FakeSystem s;
  EXPECT_TRUE(unsteady_surroundings({0, 1}, true, s.root()).empty());
  s.put("/proc/sys/kernel/sched_rt_period_us", "1000000");
  s.put("/proc/sys/kernel/sched_rt_runtime_us", "-1");
  s.put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance");
  s.put("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
  EXPECT_TRUE(unsteady_surroundings({0, 1}, true, s.root()).empty());
  s.put("/proc/sys/kernel/sched_rt_runtime_us", "950000");
  s.put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "schedutil");
  s.put("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
  const auto all = unsteady_surroundings({0, 1}, true, s.root());
  ASSERT_EQ(all.size(), 3u);
  EXPECT_NE(all[0].find("950 of every 1000 ms"), std::string::npos) << all[0];
  EXPECT_NE(all[1].find("processor 1 is governed by 'schedutil'"), std::string::npos) << all[1];
  EXPECT_NE(all[2].find("madvise"), std::string::npos) << all[2];
  EXPECT_EQ(unsteady_surroundings({0, 1}, false, s.root()).size(), 2u) << "no real-time threads";
  EXPECT_EQ(unsteady_surroundings({0}, false, s.root()).size(), 1u) << "the other's governor";
}

}  // namespace
}  // namespace fettle::realtime
