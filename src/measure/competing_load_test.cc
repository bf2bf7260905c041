// SPDX-License-Identifier: Apache-2.0
#include "measure/competing_load.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>

#include <cerrno>

namespace fettle::measure {
namespace {

TEST(CompetingLoad, IsBusyUntilItEnds) {
  {
    auto load = CompetingLoad::start(3, {});
    ASSERT_TRUE(load.ok()) << load.status().to_string();
    EXPECT_EQ((*load)->processes(), 3);
    EXPECT_EQ((*load)->memory_bound(), 2);
    while ((*load)->cpu_seconds() < 0.05) sched_yield();  // would not end if they were idle
  }
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD) << "some were left behind";
}

TEST(CompetingLoad, OfNoProcesses) {
  auto load = CompetingLoad::start(0, {});
  ASSERT_TRUE(load.ok());
  EXPECT_EQ((*load)->cpu_seconds(), 0);
}

}  // namespace
}  // namespace fettle::measure
