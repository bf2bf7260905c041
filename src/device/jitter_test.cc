// SPDX-License-Identifier: Apache-2.0
#include "device/jitter.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "device/fake_system.h"
#include "device/run_counters.h"
#include "device/sysfs.h"

namespace fettle::device {
namespace {

TEST(Jitter, ReadsTheKernelsForms) {
  EXPECT_EQ(migrations_in("cat (5337, #threads: 1)\nse.nr_migrations          :       42\n"), 42);
  EXPECT_FALSE(migrations_in("nothing here").has_value());
  EXPECT_FALSE(migrations_in("nr_migrations :").has_value());
  const auto s = stolen_in("cpu  3894 0 2999 229591 2938 3 57 29 0 0\ncpu0 1 2 3");
  ASSERT_TRUE(s.has_value());
  EXPECT_EQ(s->steal, 29);
  EXPECT_EQ(s->interrupts, 60);
  EXPECT_FALSE(stolen_in("cpu  1 2 3\n").has_value());
  EXPECT_FALSE(stolen_in("").has_value());
}

TEST(Jitter, CpuListsAndCacheSizes) {
  EXPECT_EQ(parse_cpu_list("0-3,8"), (std::vector<int>{0, 1, 2, 3, 8}));
  EXPECT_EQ(parse_cpu_list("5"), std::vector<int>{5});
  EXPECT_TRUE(parse_cpu_list("").empty());
  EXPECT_TRUE(parse_cpu_list("3-1").empty());
  EXPECT_TRUE(parse_cpu_list("0-99999999").empty());
  EXPECT_EQ(parse_cache_size("32K"), 32);
  EXPECT_EQ(parse_cache_size("32M"), 32768);
  EXPECT_FALSE(parse_cache_size("-1K").has_value());
  EXPECT_FALSE(parse_cache_size("32X").has_value());
}

TEST(Jitter, ClockHeldDown) {
  const FakeSystem s;
  EXPECT_FALSE(clock_held_down(s.root()).has_value());
  s.put("/sys/class/thermal/cooling_device0/type", "fan");
  s.put("/sys/class/thermal/cooling_device0/cur_state", "3");
  EXPECT_FALSE(clock_held_down(s.root()).has_value()) << "a fan holds no clock down";
  s.put("/sys/class/thermal/cooling_device1/type", "thermal-cpufreq-0");
  s.put("/sys/class/thermal/cooling_device1/cur_state", "0");
  EXPECT_EQ(clock_held_down(s.root()), false);
  s.put("/sys/class/thermal/cooling_device1/cur_state", "2");
  EXPECT_EQ(clock_held_down(s.root()), true);

  const FakeSystem pi;
  const std::string file = "/sys/devices/platform/soc/soc:firmware/get_throttled";
  pi.put(file, "50000");  // has been, is no longer
  EXPECT_EQ(clock_held_down(pi.root()), false);
  pi.put(file, "50005");
  EXPECT_EQ(clock_held_down(pi.root()), true);
  pi.put(file, "0x4");
  EXPECT_EQ(clock_held_down(pi.root()), true);
  pi.put(file, "unknown");
  EXPECT_FALSE(clock_held_down(pi.root()).has_value());
}

// A page that is touched for the first time faults once; a thread that sleeps gives up its core.
TEST(Jitter, CountsFaultsAndWaits) {
  constexpr size_t kPages = 64, kPage = 4096;
  const JitterCounters before = JitterCounters::read();
  void* memory =
      mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * kPage, MADV_NOHUGEPAGE);
  for (size_t i = 0; i < kPages; ++i) static_cast<volatile char*>(memory)[i * kPage] = 1;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const JitterCounters d = delta(before, JitterCounters::read());
  munmap(memory, kPages * kPage);
  EXPECT_GE(d.minor_faults, static_cast<int64_t>(kPages));
  EXPECT_GE(d.voluntary_switches, 1);
  EXPECT_GE(d.involuntary_switches, 0);
}

TEST(RunCounters, ReadTheKernelsForm) {
  EXPECT_EQ(waited_in("8401312 9712 3\n"), 9712);
  EXPECT_EQ(waited_in("0 0 0"), 0);
  EXPECT_EQ(waited_in(""), 0);
  EXPECT_EQ(waited_in("12"), 0);
  EXPECT_EQ(waited_in("12 x 3"), 0);
}

// Every cause is made to happen once, and counted.
TEST(RunCounters, CountWhatARunMeets) {
  const RunCounters counters({});
  const RunCounts before = counters.read();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const RunCounts slept = counters.read() - before;
  EXPECT_GE(slept.voluntary_switches, 1);
  EXPECT_LT(slept.cpu_ns, 1'000'000) << "sleep is no work";

  constexpr size_t kPages = 16, kPage = 4096;
  void* memory =
      mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  madvise(memory, kPages * kPage, MADV_NOHUGEPAGE);
  const RunCounts untouched = counters.read();
  for (size_t i = 0; i < kPages; ++i) static_cast<volatile char*>(memory)[i * kPage] = 1;
  EXPECT_GE((counters.read() - untouched).minor_faults, static_cast<int64_t>(kPages));
  munmap(memory, kPages * kPage);
  EXPECT_GT(counters.cost_us(), 0);
}

// Two threads on one processor: what one has, the other waits for.
TEST(RunCounters, CountTheWaitForACore) {
  const RunCounters counters({});
  if (!counters.counts_waiting()) GTEST_SKIP() << "this kernel does not count it";
  cpu_set_t before_set, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before_set, &before_set), 0);
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(sched_getcpu()), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop.load()) continue;
  });  // starts on the same processor
  const RunCounts before = counters.read();
  RunCounts d;
  do {
    d = counters.read() - before;
  } while (d.waited_ns == 0);    // a time slice or two; if nothing counted it, never
  d = counters.read() - before;  // the switch may have come between two counters of one reading
  stop = true;
  other.join();
  EXPECT_GE(d.involuntary_switches + d.voluntary_switches, 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before_set, &before_set), 0);
}

}  // namespace
}  // namespace fettle::device
