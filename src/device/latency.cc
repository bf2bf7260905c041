// SPDX-License-Identifier: Apache-2.0
#include "device/latency.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace fettle::device {

namespace {

constexpr int kReported[] = {5000, 9000, 9500, 9900, 9990};
constexpr int kWhole = 10000;
constexpr double kDoubt = 0.01;  // 1 - confidence

// The chance of at most `misses` late ones among n, each late with `late_chance`. Summed in
// logarithms: n goes to millions.
double binomial_tail(int64_t n, int64_t misses, double late_chance) {
  const double log_late = std::log(late_chance), log_good = std::log1p(-late_chance);
  double log_term = static_cast<double>(n) * log_good, sum = 0;
  for (int64_t k = 0; k <= misses; ++k) {
    sum += std::exp(log_term);
    log_term +=
        std::log(static_cast<double>(n - k) / static_cast<double>(k + 1)) + log_late - log_good;
  }
  return sum;
}

}  // namespace

std::string name_of(const Percentile& p) {
  std::string s = "p" + std::to_string(p.hundredths / 100);
  if (const int rest = p.hundredths % 100; rest != 0) {
    s += "." + std::to_string(rest / 10);
    if (rest % 10 != 0) s += std::to_string(rest % 10);
  }
  return s;
}

const Percentile* LatencySummary::find(int hundredths) const {
  for (const Percentile& p : percentiles) {
    if (p.hundredths == hundredths) return &p;
  }
  return nullptr;
}

int64_t samples_needed(int hundredths, int64_t misses) {
  assert(hundredths > 0 && hundredths < kWhole && misses >= 0);
  const double late = 1.0 - hundredths / static_cast<double>(kWhole);
  // The tail falls with n: double until it is small enough, then halve the bracket.
  int64_t low = misses, high = misses + 1;
  while (binomial_tail(high, misses, late) > kDoubt) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (binomial_tail(middle, misses, late) > kDoubt ? low : high) = middle;
  }
  return high;
}

LatencySummary summarize(std::span<const double> samples_us) {
  LatencySummary s;
  s.samples = static_cast<int64_t>(samples_us.size());
  std::vector<double> sorted(samples_us.begin(), samples_us.end());
  std::sort(sorted.begin(), sorted.end());
  if (!sorted.empty()) {
    double sum = 0, squares = 0;
    for (const double x : sorted) sum += x;
    s.mean_us = sum / static_cast<double>(s.samples);
    for (const double x : sorted) squares += (x - s.mean_us) * (x - s.mean_us);
    if (s.samples > 1) s.deviation_us = std::sqrt(squares / static_cast<double>(s.samples - 1));
    s.min_us = sorted.front();
    s.max_us = sorted.back();
  }
  for (const int hundredths : kReported) {
    Percentile p{hundredths, {}, samples_needed(hundredths)};
    if (s.samples >= p.samples_needed) {
      // Nearest rank: the smallest sample that `hundredths` of all do not exceed.
      const int64_t rank = (s.samples * hundredths + kWhole - 1) / kWhole;
      p.value_us = sorted[static_cast<size_t>(rank - 1)];
    }
    s.percentiles.push_back(p);
  }
  return s;
}

DeadlineReport judge_deadline(std::span<const double> samples_us, double deadline_us,
                              int hundredths) {
  DeadlineReport r;
  r.samples = static_cast<int64_t>(samples_us.size());
  r.misses = std::count_if(samples_us.begin(), samples_us.end(),
                           [&](double x) { return !(x <= deadline_us); });
  r.samples_needed = samples_needed(hundredths, r.misses);
  if (r.samples >= r.samples_needed) {
    r.verdict = DeadlineVerdict::met;
  } else if (r.misses * kWhole > r.samples * (kWhole - hundredths) &&
             r.samples >= samples_needed(hundredths)) {
    r.verdict = DeadlineVerdict::missed;
  }
  return r;
}

}  // namespace fettle::device
