// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <cmath>
#include <limits>

#include "data/metrics.h"

namespace fettle::data {

void Agreement::add(std::span<const float> reference, std::span<const float> other) {
  assert(reference.size() == other.size());
  ++count_;
  same_ += argmax(reference) == argmax(other) ? 1 : 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double r = reference[i], o = other[i];
    if (r == o || (std::isnan(r) && std::isnan(o))) {
      if (std::isfinite(r)) signal_ += r * r;
      continue;
    }
    double difference = std::abs(r - o);
    if (!std::isfinite(difference)) difference = std::numeric_limits<double>::infinity();
    if (std::isfinite(r)) signal_ += r * r;
    noise_ += difference * difference;
    max_abs_ = std::max(max_abs_, difference);
  }
}

double Agreement::top1() const {
  return count_ == 0 ? 0 : static_cast<double>(same_) / static_cast<double>(count_);
}

double Agreement::sqnr_db() const {
  if (noise_ == 0) return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal_ / noise_);
}

}  // namespace fettle::data
