// SPDX-License-Identifier: Apache-2.0
//
// What measured latencies say, and no more. A percentile is reported only from so many samples that
// 99 % confidence is possible at all (459 for P99, 4,603 for P99.9, the counts of MLPerf's
// LoadGen); from fewer it is absent and the count that it needs is given instead. A deadline is met
// at a percentile when so few samples missed it that a worse device would have shown more in 99 of
// 100 runs.
//
// Algorithm: percentiles are nearest-rank (a sample that occurred, never an interpolation between
// two). Confidence is the binomial tail, exact.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fettle::device {

// Percentiles are counted in hundredths of a percent: 9990 is P99.9.
struct Percentile {
  int hundredths = 0;
  std::optional<double> value_us;  // absent where there are fewer samples than needed
  int64_t samples_needed = 0;
};
std::string name_of(const Percentile& p);  // "p50", "p99", "p99.9"

struct LatencySummary {
  int64_t samples = 0;
  double mean_us = 0, min_us = 0, max_us = 0, deviation_us = 0;
  std::vector<Percentile> percentiles;  // P50 P90 P95 P99 P99.9

  const Percentile* find(int hundredths) const;
};

LatencySummary summarize(std::span<const double> samples_us);

// The fewest samples from which 99 % confidence that at least `hundredths` of runs are in time
// follows when `misses` of them were late.
int64_t samples_needed(int hundredths, int64_t misses = 0);

enum class DeadlineVerdict : uint8_t {
  met,        // at 99 % confidence
  missed,     // more samples were late than the percentile allows
  undecided,  // too few samples for so many misses
};
struct DeadlineReport {
  DeadlineVerdict verdict = DeadlineVerdict::undecided;
  int64_t samples = 0, misses = 0;
  int64_t samples_needed = 0;  // for this many misses
};
DeadlineReport judge_deadline(std::span<const double> samples_us, double deadline_us,
                              int hundredths);

}  // namespace fettle::device
