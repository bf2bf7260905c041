// SPDX-License-Identifier: Apache-2.0
#include "quantize/histogram.h"

#include <algorithm>
#include <cmath>

namespace fettle::quantize {

namespace {
constexpr int kLevels = 255;  // steps between the 256 codes of int8
}

void Histogram::cover(float lo, float hi) {
  if (width_ == 0) {
    const double span = std::max(static_cast<double>(hi) - lo, 1e-12);
    low_ = lo;
    width_ = span / kBins * (1 + 1e-6);
    bins_.assign(kBins, 0);
  }
  while (lo < low_ || hi >= low_ + width_ * kBins) {
    // Grow to the side that is short: merge pairs into one half, leave the other empty.
    const bool down = lo < low_;
    std::vector<int64_t> merged(kBins, 0);
    for (int i = 0; i < kBins; ++i) merged[(down ? kBins / 2 : 0) + i / 2] += bins_[i];
    if (down) low_ -= width_ * kBins;
    width_ *= 2;
    bins_ = std::move(merged);
  }
}

void Histogram::add(std::span<const float> values) {
  float lo = INFINITY, hi = -INFINITY;
  for (float v : values) {
    if (!std::isfinite(v)) continue;
    lo = std::min(lo, v);
    hi = std::max(hi, v);
  }
  if (lo > hi) return;
  min_ = count_ == 0 ? lo : std::min(min_, lo);
  max_ = count_ == 0 ? hi : std::max(max_, hi);
  cover(lo, hi);
  const double scale = 1 / width_;
  for (float v : values) {
    if (!std::isfinite(v)) continue;
    const auto bin = static_cast<int>((v - low_) * scale);
    ++bins_[std::clamp(bin, 0, kBins - 1)];
    ++count_;
  }
}

double Histogram::squared_error(float lo, float hi, int levels) const {
  const double step = (static_cast<double>(hi) - lo) / levels;
  double error = 0;
  for (int i = 0; i < kBins && step > 0; ++i) {
    if (bins_[i] == 0) continue;
    const double x = low_ + (i + 0.5) * width_;
    double e = 0;
    if (x < lo || x > hi) {
      e = x < lo ? lo - x : x - hi;
      e *= e;
    } else if (width_ < step) {
      const double q = lo + std::nearbyint((x - lo) / step) * step;
      e = (x - q) * (x - q);
    } else {
      e = step * step / 12;  // a bin wider than a step: uniform inside it
    }
    error += e * static_cast<double>(bins_[i]);
  }
  return count_ > 0 ? error / static_cast<double>(count_) : 0;
}

Quantization int8_from_range(float lo, float hi) {
  lo = std::min(lo, 0.0f);
  hi = std::max(hi, 0.0f);
  if (hi - lo < 1e-12f) hi = lo + 1e-12f * kLevels;
  const auto scale = static_cast<float>((static_cast<double>(hi) - lo) / kLevels);
  const float zero = std::nearbyint(-128 - lo / scale);
  return {{scale}, {static_cast<int32_t>(std::clamp(zero, -128.0f, 127.0f))}, 0};
}

Quantization choose_int8(const Histogram& h) {
  float best_lo = std::min(h.min(), 0.0f), best_hi = std::max(h.max(), 0.0f);
  const float lo = best_lo, hi = best_hi;
  double best = h.squared_error(lo, hi, kLevels);
  constexpr int kSteps = 40;
  for (int a = 1; a <= kSteps; ++a) {
    for (int b = 1; b <= kSteps; ++b) {
      const float from = lo * static_cast<float>(a) / kSteps;
      const float to = hi * static_cast<float>(b) / kSteps;
      if (lo == 0 && a > 1) continue;
      if (hi == 0 && b > 1) continue;
      const double error = h.squared_error(from, to, kLevels);
      if (error < best) {
        best = error;
        best_lo = from;
        best_hi = to;
      }
    }
  }
  return int8_from_range(best_lo, best_hi);
}

Quantization choose_int16(const Histogram& h) {
  const float largest = std::max({-h.min(), h.max(), 1e-12f});
  return {{largest / 32767}, {0}, 0};
}

}  // namespace fettle::quantize
