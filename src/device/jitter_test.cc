// SPDX-License-Identifier: Apache-2.0
#include "device/jitter.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <chrono>
#include <thread>

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

}  // namespace
}  // namespace fettle::device
