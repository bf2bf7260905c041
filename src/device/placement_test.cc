// SPDX-License-Identifier: Apache-2.0
#include "device/placement.h"

#include <gtest/gtest.h>

#include "device/fake_system.h"

namespace fettle::device {
namespace {

using Cores = std::vector<int>;

// An RK3588: four little cores and four big ones.
Processors rk3588() {
  return {.usable = {0, 1, 2, 3, 4, 5, 6, 7},
          .groups = {{"Cortex-A76", {4, 5, 6, 7}, 1024, {2400}, {}},
                     {"Cortex-A55", {0, 1, 2, 3}, 530, {1800}, {}}},
          .quota = {}};
}

Placement place(const PlacementRequest& request, const Processors& processors) {
  const auto placed = place_threads(request, processors);
  EXPECT_TRUE(placed.ok()) << placed.status().to_string();
  return placed.ok() ? *placed : Placement{};
}

TEST(Placement, TheFastestCoresUnlessAskedOtherwise) {
  EXPECT_EQ(place({}, rk3588()).threads, 4);
  EXPECT_EQ(place({}, rk3588()).cores, (Cores{4, 5, 6, 7}));
  EXPECT_EQ(place({.cores = "", .threads = 2}, rk3588()).cores, (Cores{4, 5, 6, 7}));
  // More threads than fast cores: wherever the system puts them.
  EXPECT_TRUE(place({.cores = "", .threads = 8}, rk3588()).cores.empty());
  Processors alike = rk3588();
  alike.groups = {{"Cortex-A72", {0, 1, 2, 3}, 0, {}, {}}};
  EXPECT_EQ(place({}, alike).threads, 4);
  EXPECT_TRUE(place({}, alike).cores.empty());
  // Without capacities the clock tells which are fast.
  Processors silent = rk3588();
  for (CoreGroup& g : silent.groups) g.capacity = 0;
  EXPECT_EQ(place({}, silent).cores, (Cores{4, 5, 6, 7}));
}

TEST(Placement, ByListAndByName) {
  EXPECT_EQ(place({.cores = "6,1-2", .threads = 0}, rk3588()).cores, (Cores{6, 1, 2}));
  EXPECT_EQ(place({.cores = "6,1-2", .threads = 0}, rk3588()).threads, 3);
  EXPECT_EQ(place({.cores = "4-7", .threads = 2}, rk3588()).threads, 2);
  for (const char* name : {"little", "a55", "Cortex-A55", "CORTEX-a55"}) {
    EXPECT_EQ(place({.cores = name, .threads = 0}, rk3588()).cores, (Cores{0, 1, 2, 3})) << name;
  }
  EXPECT_EQ(place({.cores = "big", .threads = 0}, rk3588()).cores, (Cores{4, 5, 6, 7}));
}

TEST(Placement, RefusesWhatIsNotThere) {
  for (const char* cores :
       {"8", "0-", "-1", "1,", ",", "1,,2", "3-1", "2,0-3", "a72", "4x", "a", "0-99999999", " 1"}) {
    const auto placed = place_threads({.cores = cores, .threads = 0}, rk3588());
    EXPECT_EQ(placed.status().code(), Code::usage) << cores;
  }
  const auto named = place_threads({.cores = "a72", .threads = 0}, rk3588());
  EXPECT_NE(named.status().message().find("'Cortex-A76'"), std::string::npos);
  const auto listed = place_threads({.cores = "8", .threads = 0}, rk3588());
  EXPECT_NE(listed.status().message().find("0,1,2,3,4,5,6,7"), std::string::npos);
}

TEST(Placement, NoMoreThreadsThanTheQuotaPaysFor) {
  Processors p = rk3588();
  p.quota = 2.5;
  EXPECT_EQ(place({}, p).threads, 2);
  EXPECT_EQ(place({.cores = "0-7", .threads = 0}, p).threads, 2);
  EXPECT_EQ(place({.cores = "", .threads = 3}, p).threads, 3) << "who asks gets it";
  p.quota = 0.5;
  EXPECT_EQ(place({}, p).threads, 1);
  p.quota = 100;
  EXPECT_EQ(place({}, p).threads, 4);
}

TEST(Placement, OfThisMachine) {
  const Processors p = usable_processors();
  const Placement all = place({}, p);
  EXPECT_GE(all.threads, 1);
  EXPECT_LE(all.threads, static_cast<int>(p.usable.size()));
}

TEST(CpuQuota, OfBothKindsOfControlGroup) {
  const FakeSystem v2;
  EXPECT_FALSE(cpu_quota(v2.root()).has_value());
  v2.put("/proc/self/cgroup", "0::/user.slice/job");
  EXPECT_FALSE(cpu_quota(v2.root()).has_value());
  v2.put("/sys/fs/cgroup/user.slice/job/cpu.max", "max 100000");
  EXPECT_FALSE(cpu_quota(v2.root()).has_value());
  v2.put("/sys/fs/cgroup/user.slice/cpu.max", "150000 100000");  // the group above
  EXPECT_EQ(cpu_quota(v2.root()), 1.5);
  v2.put("/sys/fs/cgroup/user.slice/job/cpu.max", "20000 100000");
  EXPECT_EQ(cpu_quota(v2.root()), 0.2);
  v2.put("/sys/fs/cgroup/user.slice/job/cpu.max", "nonsense");
  EXPECT_EQ(cpu_quota(v2.root()), 1.5);

  const FakeSystem v1;
  v1.put("/proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/");
  v1.put("/sys/fs/cgroup/memory/docker/x/cpu.max", "10 100");
  v1.put("/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000");
  v1.put("/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "-1");
  EXPECT_FALSE(cpu_quota(v1.root()).has_value());
  v1.put("/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "300000");
  EXPECT_EQ(cpu_quota(v1.root()), 3);
  // Inside a container the path names something outside, and the mount is the group.
  const FakeSystem inside;
  inside.put("/proc/self/cgroup", "0::/../elsewhere");
  inside.put("/sys/fs/cgroup/cpu.max", "200000 100000");
  EXPECT_EQ(cpu_quota(inside.root()), 2);
}

}  // namespace
}  // namespace fettle::device
