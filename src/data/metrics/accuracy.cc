// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "data/metrics.h"

namespace fettle::data {

namespace {
bool is_better(std::span<const float> scores, size_t a, size_t b) {
  if (std::isnan(scores[a]) || std::isnan(scores[b])) {
    if (std::isnan(scores[a]) && std::isnan(scores[b])) return a < b;
    return std::isnan(scores[b]);
  }
  return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
}
}  // namespace

void TopK::add(std::span<const float> scores, int64_t label) {
  ++count_;
  if (label < 0 || label >= static_cast<int64_t>(scores.size())) return;
  int64_t better = 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    better += is_better(scores, i, static_cast<size_t>(label)) ? 1 : 0;
  }
  hits1_ += better < 1 ? 1 : 0;
  hits5_ += better < 5 ? 1 : 0;
}

int64_t argmax(std::span<const float> scores) {
  int64_t best = scores.empty() ? -1 : 0;
  for (size_t i = 1; i < scores.size(); ++i) {
    if (is_better(scores, i, static_cast<size_t>(best))) best = static_cast<int64_t>(i);
  }
  return best;
}

}  // namespace fettle::data
