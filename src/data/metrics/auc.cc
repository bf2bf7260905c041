// SPDX-License-Identifier: Apache-2.0
//
// The Mann-Whitney statistic: the sum of the positives' ranks, tied scores sharing their mean rank.
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/metrics.h"

namespace fettle::data {

double RocAuc::area() const {
  std::vector<Entry> sorted = entries_;
  for (Entry& e : sorted) {
    if (std::isnan(e.score)) e.score = -std::numeric_limits<float>::infinity();
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Entry& a, const Entry& b) { return a.score < b.score; });
  double rank_sum = 0, positives = 0;
  for (size_t begin = 0; begin < sorted.size();) {
    size_t end = begin;
    double tied_positives = 0;
    for (; end < sorted.size() && sorted[end].score == sorted[begin].score; ++end) {
      tied_positives += sorted[end].positive ? 1 : 0;
    }
    const double mean_rank = (static_cast<double>(begin) + static_cast<double>(end) + 1) / 2;
    rank_sum += tied_positives * mean_rank;
    positives += tied_positives;
    begin = end;
  }
  const double negatives = static_cast<double>(sorted.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace fettle::data
