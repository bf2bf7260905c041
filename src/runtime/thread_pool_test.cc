// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace fettle::runtime {
namespace {

std::shared_ptr<Workers> start(const WorkerOptions& options) {
  auto workers = Workers::start(options);
  EXPECT_TRUE(workers.ok()) << workers.status().to_string();
  return workers.ok() ? std::move(workers).value() : nullptr;
}

TEST(ThreadPool, EveryElementOnceInRangesOfWholeGrains) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(7);
    pool.use(threads);  // the other workers must keep out
    EXPECT_EQ(pool.threads(), threads);
    for (const int64_t count : {0, 1, 2, 7, 8, 9, 100, 1001}) {
      for (const int64_t grain : {1, 3, 64}) {
        std::vector<std::atomic<int>> times(count);
        std::atomic<int> faults{0};
        pool.parallel_for(count, grain, [&](int64_t begin, int64_t end, int thread) {
          if (begin % grain != 0 || (end % grain != 0 && end != count)) ++faults;
          if (thread < 0 || thread >= threads || begin >= end) ++faults;
          for (int64_t i = begin; i < end; ++i) ++times[i];
        });
        EXPECT_EQ(faults, 0);
        for (int64_t i = 0; i < count; ++i) ASSERT_EQ(times[i], 1) << count << " by " << grain;
      }
    }
  }
}

TEST(ThreadPool, UseIsHeldBetweenOneAndAll) {
  ThreadPool pool(3);
  pool.use(0);
  EXPECT_EQ(pool.threads(), 1);
  pool.use(100);
  EXPECT_EQ(pool.threads(), 3);
  EXPECT_EQ(pool.most_threads(), 3);
}

// Short loops in quick succession: a worker that is late for one must not disturb the next,
// whether it spins or sleeps in between, and whoever takes part.
TEST(ThreadPool, ManyShortLoops) {
  for (const int64_t spin_us : {0, 1, 50}) {
    ThreadPool pool(start({.threads = 4, .cores = {}, .spin_us = spin_us}));
    for (int round = 1; round <= 5000; ++round) {
      pool.use(1 + round % 4);
      std::atomic<int64_t> sum{0};
      pool.parallel_for(8, 1, [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i) sum += i * round;
      });
      ASSERT_EQ(sum, 28 * int64_t{round});
    }
  }
}

// Several callers share workers: who does not get them works alone, and all results are right.
TEST(ThreadPool, SharedByCallersAtOnce) {
  const auto workers = start({.threads = 3, .cores = {}, .spin_us = 20});
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c) {
    callers.emplace_back([&, c] {
      ThreadPool pool(workers);
      std::vector<int64_t> of_thread(3);  // not atomic: a thread index belongs to one thread
      for (int round = 0; round < 2000; ++round) {
        std::fill(of_thread.begin(), of_thread.end(), 0);
        pool.parallel_for(100, 1, [&](int64_t begin, int64_t end, int thread) {
          for (int64_t i = begin; i < end; ++i) of_thread[thread] += i + c;
        });
        if (of_thread[0] + of_thread[1] + of_thread[2] != 4950 + 100 * c) ++wrong;
      }
    });
  }
  for (std::thread& c : callers) c.join();
  EXPECT_EQ(wrong, 0);
}

// The kernel's word for what a thread does: 'R' runs or wants to, 'S' sleeps.
char state_of(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string text;
  std::getline(stat, text);
  const size_t name_end = text.rfind(')');
  return name_end == text.npos || name_end + 2 >= text.size() ? '?' : text[name_end + 2];
}

// Workers without work go to sleep; if they spun on, this would never end.
TEST(Workers, SleepWithoutWork) {
  for (const int64_t spin_us : {0, 200}) {
    const auto workers = start({.threads = 3, .cores = {}, .spin_us = spin_us});
    ASSERT_EQ(workers->ids().size(), 2u);
    ThreadPool(workers).parallel_for(100, 1, [](int64_t, int64_t, int) {});
    for (const pid_t id : workers->ids()) {
      ASSERT_NE(state_of(id), '?');
      while (state_of(id) != 'S') std::this_thread::yield();
    }
  }
}

std::vector<int> processors_of(pid_t thread) {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (sched_getaffinity(thread, sizeof set, &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

TEST(Workers, KeepToTheirProcessors) {
  const std::vector<int> usable = processors_of(0);
  if (usable.size() < 2) GTEST_SKIP() << "one processor only";
  const int a = usable[0], b = usable[1];
  const auto one_each = start({.threads = 2, .cores = {a, b}});
  EXPECT_EQ(processors_of(one_each->ids()[0]), std::vector<int>{b});
  const auto any = start({.threads = 3, .cores = {a, b}});
  EXPECT_EQ(processors_of(any->ids()[0]), (std::vector<int>{a, b}));
  EXPECT_EQ(processors_of(0), usable) << "the caller is left where it was";
}

TEST(Workers, RefusalsAreTold) {
  EXPECT_EQ(Workers::start({.threads = 0, .cores = {}}).status().code(), Code::usage);
  EXPECT_EQ(Workers::start({.threads = 100000, .cores = {}}).status().code(), Code::usage);
  EXPECT_EQ(Workers::start({.threads = 2, .cores = {-1}}).status().code(), Code::usage);
  EXPECT_EQ(Workers::start({.threads = 2, .cores = {1 << 30}}).status().code(), Code::usage);
  // A processor that this machine does not have: the system refuses.
  const auto absent = Workers::start({.threads = 2, .cores = {CPU_SETSIZE - 1}});
  ASSERT_FALSE(absent.ok());
  EXPECT_NE(absent.status().message().find("thread 2 of 2"), std::string::npos);
}

}  // namespace
}  // namespace fettle::runtime
