// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace fettle::runtime {
namespace {

TEST(ThreadPool, EveryElementOnceInRangesOfWholeGrains) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
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

// Short loops in quick succession: a worker that is late for one must not disturb the next.
TEST(ThreadPool, ManyShortLoops) {
  ThreadPool pool(4);
  int64_t sums[4] = {};
  for (int round = 1; round <= 20000; ++round) {
    std::atomic<int64_t> sum{0};
    pool.parallel_for(8, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) sum += i * round;
    });
    ASSERT_EQ(sum, 28 * int64_t{round});
    sums[round % 4] += sum;
  }
  EXPECT_GT(sums[0], 0);
}

}  // namespace
}  // namespace fettle::runtime
