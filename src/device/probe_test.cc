// SPDX-License-Identifier: Apache-2.0
#include "device/probe.h"

#include <gtest/gtest.h>

#include <cstring>

#include "device/fake_system.h"
#include "device/peak_loops.h"
#include "device/topology.h"

namespace fettle::device {
namespace {

// An RK3588 in small: two little cores, two big ones, a cache of each cluster and one of all.
TEST(Topology, BigAndLittle) {
  const FakeSystem s;
  std::string cpuinfo;
  for (int cpu = 0; cpu < 4; ++cpu) {
    const bool big = cpu >= 2;
    const std::string dir = "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
    cpuinfo += "processor\t: " + std::to_string(cpu) +
               "\nCPU part\t: " + (big ? "0xd0b" : "0xd05") + "\n\n";
    s.put(dir + "/cpu_capacity", big ? "1024" : "530");
    s.put(dir + "/cpufreq/scaling_available_frequencies",
          big ? "1200000 2400000 " : "1800000 408000");
    s.put(dir + "/cache/index0/type", "Data");
    s.put(dir + "/cache/index0/level", "1");
    s.put(dir + "/cache/index0/size", big ? "64K" : "32K");
    s.put(dir + "/cache/index0/shared_cpu_list", std::to_string(cpu));
    s.put(dir + "/cache/index1/type", "Instruction");
    s.put(dir + "/cache/index1/level", "1");
    s.put(dir + "/cache/index1/size", "64K");
    s.put(dir + "/cache/index2/type", "Unified");
    s.put(dir + "/cache/index2/level", "3");
    s.put(dir + "/cache/index2/size", "3M");
    s.put(dir + "/cache/index2/shared_cpu_list", "0-3");
  }
  s.put("/proc/cpuinfo", cpuinfo);
  const std::vector<CoreGroup> groups = read_topology(s.root(), {0, 1, 2, 3});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].core, "Cortex-A55");
  EXPECT_EQ(groups[1].core, "Cortex-A76");
  EXPECT_EQ(groups[1].cpus, (std::vector<int>{2, 3}));
  EXPECT_EQ(groups[0].clocks_mhz, (std::vector<int>{408, 1800}));
  ASSERT_EQ(groups[1].caches.size(), 2u);
  EXPECT_EQ(groups[1].caches[0].size_kib, 64);
  EXPECT_EQ(groups[1].caches[1].size_kib, 3072);
  EXPECT_EQ(groups[1].caches[1].cpus.size(), 4u);
}

TEST(Topology, TwoThreadsOfACoreCountOnce) {
  const FakeSystem s;
  for (int cpu = 0; cpu < 4; ++cpu) {
    s.put("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
          cpu < 2 ? "0-1" : "2-3");
  }
  const std::vector<CoreGroup> groups = read_topology(s.root(), {0, 1, 3});
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].cpus, (std::vector<int>{0, 3}));  // 2 is not ours
  EXPECT_EQ(groups[0].core, "unknown core");
}

// Each loop does the MACs that it is counted for: every lane of the sink holds what the chains that
// end in it have summed up.
TEST(PeakLoops, DoWhatTheyAreCountedFor) {
  for (const PeakLoop& loop : peak_loops()) {
    const auto isas = available_isas();
    if (std::find(isas.begin(), isas.end(), loop.isa) == isas.end()) continue;
    alignas(64) unsigned char sink[64] = {};
    constexpr int64_t kRounds = 10;
    loop.run(kRounds, sink);
    double sum = 0;
    if (loop.type == DType::f32) {
      float lanes[16];
      std::memcpy(lanes, sink, sizeof lanes);
      for (const float v : lanes) sum += v;
    } else {
      int32_t lanes[16];
      std::memcpy(lanes, sink, sizeof lanes);
      for (const int32_t v : lanes) sum += v;
    }
    const double each = loop.isa == Isa::portable ? (loop.type == DType::f32 ? 0.25 : 9)
                                                  : (loop.type == DType::f32 ? 0.125 : 15);
    EXPECT_EQ(sum, each * kRounds * static_cast<double>(loop.macs_per_round))
        << fettle::name_of(loop.isa) << " " << fettle::name_of(loop.type);
  }
}

TEST(Probe, DescribesThisMachine) {
  ProbeOptions o;
  o.id = "test-machine";
  o.seconds = 0.3;
  double last = -1;
  o.on_progress = [&](std::string_view, double fraction) {
    EXPECT_GE(fraction, last);
    last = fraction;
  };
  const Result<Profile> p = probe_device(o);
  ASSERT_TRUE(p.ok()) << p.status().to_string();
  EXPECT_DOUBLE_EQ(last, 1);
  EXPECT_EQ(p->id, "test-machine");
  EXPECT_GE(p->core_count(), 1);
  EXPECT_LE(p->core_count(), usable_cores());
  EXPECT_GT(p->memory.total_kib.value, 1024);
  EXPECT_EQ(p->memory.read[0].threads, 1);
  EXPECT_EQ(p->memory.read[0].gbps.confidence, Confidence::measured);
  for (const Cluster& c : p->clusters) {
    for (const DType type : {DType::f32, DType::i8, DType::i16}) {
      ASSERT_NE(c.find_peak(type), nullptr);
      EXPECT_GT(c.find_peak(type)->gmacs.value, 0);
    }
  }
}

}  // namespace
}  // namespace fettle::device
