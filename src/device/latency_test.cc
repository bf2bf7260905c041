// SPDX-License-Identifier: Apache-2.0
#include "device/latency.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fettle::device {
namespace {

std::vector<double> one_to(int n) {
  std::vector<double> v;
  for (int i = n; i >= 1; --i) v.push_back(i);  // falling: order must not matter
  return v;
}

// MLPerf LoadGen's published counts at 99 % confidence.
TEST(Latency, SampleCountsAreLoadGens) {
  EXPECT_EQ(samples_needed(9900, 0), 459);
  EXPECT_EQ(samples_needed(9900, 1), 662);
  EXPECT_EQ(samples_needed(9990, 0), 4603);
  EXPECT_EQ(samples_needed(9990, 1), 6636);
  EXPECT_EQ(samples_needed(9999, 0), 46050);
  EXPECT_EQ(samples_needed(9999, 1), 66381);
  // ln(0.01) / ln(p): 6.6, 43.7, 89.8.
  EXPECT_EQ(samples_needed(5000), 7);
  EXPECT_EQ(samples_needed(9000), 44);
  EXPECT_EQ(samples_needed(9500), 90);
}

TEST(Latency, NearestRankOfOneToAThousand) {
  const LatencySummary s = summarize(one_to(1000));
  EXPECT_EQ(s.samples, 1000);
  EXPECT_DOUBLE_EQ(s.mean_us, 500.5);
  EXPECT_EQ(s.min_us, 1);
  EXPECT_EQ(s.max_us, 1000);
  EXPECT_NEAR(s.deviation_us, 288.8194, 1e-3);  // sqrt(n (n + 1) / 12)
  EXPECT_EQ(s.find(5000)->value_us, 500);
  EXPECT_EQ(s.find(9000)->value_us, 900);
  EXPECT_EQ(s.find(9500)->value_us, 950);
  EXPECT_EQ(s.find(9900)->value_us, 990);
  EXPECT_FALSE(s.find(9990)->value_us.has_value());
  EXPECT_EQ(s.find(9990)->samples_needed, 4603);
  EXPECT_EQ(name_of(*s.find(9990)), "p99.9");
  EXPECT_EQ(name_of(*s.find(5000)), "p50");
}

TEST(Latency, TooFewSamplesGiveNoPercentile) {
  EXPECT_FALSE(summarize(one_to(458)).find(9900)->value_us.has_value());
  EXPECT_TRUE(summarize(one_to(459)).find(9900)->value_us.has_value());
  EXPECT_EQ(summarize(one_to(459)).find(9900)->value_us, 455);  // ceil(454.41)
  const LatencySummary none = summarize({});
  EXPECT_EQ(none.samples, 0);
  EXPECT_FALSE(none.find(5000)->value_us.has_value());
  EXPECT_EQ(summarize(std::vector<double>{5}).deviation_us, 0);
}

TEST(Latency, DeadlineAtNinetyNine) {
  std::vector<double> v(662, 10.0);
  EXPECT_EQ(judge_deadline(v, 10.0, 9900).verdict, DeadlineVerdict::met);  // at it is in time
  v[100] = 11;
  EXPECT_EQ(judge_deadline(v, 10.0, 9900).verdict, DeadlineVerdict::met);
  v[200] = 11;  // two misses need more than 662
  const DeadlineReport r = judge_deadline(v, 10.0, 9900);
  EXPECT_EQ(r.verdict, DeadlineVerdict::undecided);
  EXPECT_EQ(r.misses, 2);
  EXPECT_GT(r.samples_needed, 662);
  std::fill_n(v.begin(), 7, 11.0);  // 9 of 662 is over 1 %
  EXPECT_EQ(judge_deadline(v, 10.0, 9900).verdict, DeadlineVerdict::missed);
  v.resize(100);
  EXPECT_EQ(judge_deadline(v, 10.0, 9900).verdict, DeadlineVerdict::undecided);
}

}  // namespace
}  // namespace fettle::device
