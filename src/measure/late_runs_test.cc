// SPDX-License-Identifier: Apache-2.0
#include "measure/late_runs.h"

#include <gtest/gtest.h>

namespace fettle::measure {
namespace {

const Cause& find(const LateRuns& report, std::string_view name) {
  for (const Cause& c : report.causes) {
    if (c.name == name) return c;
  }
  ADD_FAILURE() << "no cause " << name;
  return report.causes[0];
}

RunRecord run(double us) {
  RunRecord r;
  r.us = us;
  r.clock_mhz = 2000;
  return r;
}

// Worked by hand: ten runs, the limit at 100 us, each late one with another cause.
TEST(LateRuns, EachCauseIsCountedWhereItWasMet) {
  std::vector<RunRecord> runs(10, run(50));
  runs[0] = run(100);  // at the limit: in time
  runs[1] = run(1050);
  runs[1].involuntary_switches = 1;
  runs[1].waited_us = 990;
  runs[2] = run(300);
  runs[2].minor_faults = 3;
  runs[2].moved = true;
  runs[3] = run(200);
  runs[3].stolen_us = 140;
  runs[4] = run(150);
  runs[4].clock_mhz = 1200;
  runs[5] = run(150);
  runs[5].major_faults = 1;
  runs[6] = run(120);  // nothing
  runs[7].minor_faults = 1;
  runs[8].stolen_us = 9;  // too little to be told from the edge
  runs[9].clock_mhz = 1900;
  const LateRuns report = explain_late_runs(runs, 100, 50, {});
  EXPECT_EQ(report.late, 6);
  EXPECT_EQ(report.others, 4);
  EXPECT_DOUBLE_EQ(report.excess_ms, 1.0 + 0.25 + 0.15 + 0.1 + 0.1 + 0.07);
  EXPECT_EQ(report.unexplained, 1);
  EXPECT_TRUE(find(report, "preempted").explains);
  EXPECT_FALSE(find(report, "page_fault").explains) << "2 of 6 is not twice 1 of 4";
  struct Want {
    const char* name;
    int64_t late, others;
    double ms;
  };
  for (const Want& w : std::vector<Want>{{"preempted", 1, 0, 0.99},
                                         {"page_fault", 2, 1, 0},
                                         {"disk_read", 1, 0, 0},
                                         {"migrated", 1, 0, 0},
                                         {"stolen", 1, 0, 0.14},
                                         {"slow_clock", 1, 0, 0},
                                         {"throttled", 0, 0, 0},
                                         {"slept", 0, 0, 0},
                                         {"cold_start", 0, 0, 0}}) {
    const Cause& c = find(report, w.name);
    EXPECT_EQ(c.late, w.late) << w.name;
    EXPECT_EQ(c.others, w.others) << w.name;
    EXPECT_DOUBLE_EQ(c.late_ms, w.ms) << w.name;
  }
}

TEST(LateRuns, WhatEveryRunMeetsIsSeenToBeMetByAll) {
  std::vector<RunRecord> runs(20, run(50));
  for (RunRecord& r : runs) r.pause_us = 30000;
  runs[3].us = 500;
  runs[4].held_down = true;
  const LateRuns report = explain_late_runs(runs, 100, 50, {});
  EXPECT_EQ(find(report, "cold_start").late, 1);
  EXPECT_EQ(find(report, "cold_start").others, 19);
  EXPECT_FALSE(find(report, "cold_start").explains);
  EXPECT_EQ(report.unexplained, 1);
  EXPECT_EQ(find(report, "throttled").others, 1);
}

// All runs wait for their core now and then; of the late ones only the first was late for it.
TEST(LateRuns, WhatTookMostOfTheTimeExplains) {
  std::vector<RunRecord> runs(20, run(50));
  for (RunRecord& r : runs) r.waited_us = 20;
  runs[0].us = 500;
  runs[0].waited_us = 430;
  runs[1].us = 500;
  const LateRuns report = explain_late_runs(runs, 100, 50, {});
  EXPECT_FALSE(find(report, "preempted").explains);
  EXPECT_EQ(report.unexplained, 1);
}

TEST(LateRuns, WhatIsNotCountedIsSaidToBe) {
  const LateRuns report = explain_late_runs({}, 1, 1, {false, false, false});
  EXPECT_EQ(report.late + report.others + report.unexplained, 0);
  for (const char* name : {"stolen", "slow_clock", "throttled"}) {
    EXPECT_FALSE(find(report, name).counted) << name;
  }
  EXPECT_TRUE(find(report, "page_fault").counted);
}

}  // namespace
}  // namespace fettle::measure
