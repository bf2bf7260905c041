// SPDX-License-Identifier: Apache-2.0
//
// The range chosen from a histogram against the best that a search over the samples themselves
// finds, and what the histogram must not lose on the way.
#include "quantize/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <functional>
#include <random>

namespace fettle::quantize {
namespace {

// Mean squared error of the samples through the codes of `q`.
double error_of(const std::vector<float>& samples, const Quantization& q) {
  double sum = 0;
  for (float v : samples) {
    const double code = std::clamp(
        std::nearbyint(static_cast<double>(v) / q.scale[0]) + q.zero_point[0], -128.0, 127.0);
    const double off = (code - q.zero_point[0]) * q.scale[0] - v;
    sum += off * off;
  }
  return sum / static_cast<double>(samples.size());
}

double best_error(const std::vector<float>& samples) {
  const auto [min, max] = std::minmax_element(samples.begin(), samples.end());
  const float lo = std::min(*min, 0.0f), hi = std::max(*max, 0.0f);
  constexpr int kSteps = 50;
  double best = INFINITY;
  for (int a = lo < 0 ? 1 : kSteps; a <= kSteps; ++a) {
    for (int b = hi > 0 ? 1 : kSteps; b <= kSteps; ++b) {
      const auto part = [](float v, int i) { return v * static_cast<float>(i) / kSteps; };
      best = std::min(best, error_of(samples, int8_from_range(part(lo, a), part(hi, b))));
    }
  }
  return best;
}

std::vector<float> draw(int n, const std::function<float(std::mt19937&)>& one) {
  std::mt19937 random(11);
  std::vector<float> samples;
  for (int i = 0; i < n; ++i) samples.push_back(one(random));
  return samples;
}

TEST(Histogram, ChoiceIsNearTheBestRange) {
  std::normal_distribution<float> normal(0.3f, 1);
  std::exponential_distribution<float> tail(1);
  std::uniform_real_distribution<float> flat(-1, 3);
  const std::vector<std::pair<const char*, std::vector<float>>> cases = {
      {"normal", draw(2000, [&](auto& r) { return normal(r); })},
      {"relu", draw(2000, [&](auto& r) { return std::max(normal(r), 0.0f); })},
      {"uniform", draw(2000, [&](auto& r) { return flat(r); })},
      {"negative", draw(2000, [&](auto& r) { return -tail(r); })},
      {"long tail", draw(2000, [&](auto& r) { return std::pow(tail(r), 3.0f); })},
      {"outliers", draw(2000, [&](auto& r) { return r() % 500 == 0 ? 100.0f : normal(r); })},
      {"far from zero", draw(2000, [&](auto& r) { return 50 + normal(r); })},
      {"two values", draw(2000, [&](auto& r) { return r() % 2 == 0 ? -1.0f : 0.125f; })},
  };
  for (const auto& [name, samples] : cases) {
    Histogram h;
    for (size_t i = 0; i < samples.size(); i += 100) h.add({samples.data() + i, 100});
    EXPECT_EQ(h.count(), static_cast<int64_t>(samples.size()));
    const double chosen = error_of(samples, choose_int8(h)), best = best_error(samples);
    // Bins cannot tell where in a step two lone values lie: that much may be lost.
    EXPECT_LE(chosen, best * 1.25 + 1e-12) << name;
    // And never much worse than taking the extremes as they are.
    EXPECT_LE(chosen, error_of(samples, int8_from_range(h.min(), h.max())) * 1.02 + 1e-12) << name;
  }
}

// 11 samples on the grid of 255 steps of 1: none is off by anything but its clipping.
TEST(Histogram, ErrorWorkedByHand) {
  Histogram h;
  h.add(std::vector<float>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 265});
  const double width = 265.0 / Histogram::kBins;
  // 265 clips to 255; bins stand for their centres, half a bin away at most.
  EXPECT_NEAR(h.squared_error(0, 255, 255), 100.0 / 11, 2 * 10 * width);
  EXPECT_NEAR(h.squared_error(0, 265, 255), 0, width * width);
}

TEST(Histogram, GrowsWithoutLosingSamples) {
  Histogram h;
  for (float v : {1.0f, -3.0f, 1000.0f, -1e6f, 0.0f, 1e-30f, 1e30f}) {
    h.add({&v, 1});
  }
  EXPECT_EQ(h.count(), 7);
  EXPECT_EQ(h.min(), -1e6f);
  EXPECT_EQ(h.max(), 1e30f);
  EXPECT_TRUE(std::isfinite(h.squared_error(-1, 1, 255)));
}

TEST(Histogram, ExtremeAndMissingValues) {
  const auto chosen = [](std::vector<float> values) {
    Histogram h;
    h.add(values);
    return choose_int8(h);
  };
  for (const auto& values : std::vector<std::vector<float>>{{},
                                                            {0},
                                                            {NAN, INFINITY, -INFINITY},
                                                            {5, 5, 5},
                                                            {-5},
                                                            {-FLT_MAX, FLT_MAX},
                                                            {FLT_MAX},
                                                            {1e-45f, -1e-45f},
                                                            {1e10f, 1e10f + 1024}}) {
    const Quantization q = chosen(values);
    ASSERT_EQ(q.scale.size(), 1u);
    EXPECT_TRUE(std::isfinite(q.scale[0]) && q.scale[0] > 0) << testing::PrintToString(values);
    EXPECT_GE(q.zero_point[0], -128);
    EXPECT_LE(q.zero_point[0], 127);
  }
  EXPECT_EQ(chosen({NAN, 2, INFINITY}).scale[0], 2.0f / 255);
}

TEST(Int8FromRange, ContainsZeroExactly) {
  const Quantization relu6 = int8_from_range(0, 6);
  EXPECT_EQ(relu6.zero_point[0], -128);
  EXPECT_FLOAT_EQ(relu6.scale[0], 6.0f / 255);
  EXPECT_EQ(int8_from_range(-1.28f, 1.27f).zero_point[0], 0);
  EXPECT_EQ(int8_from_range(-2, -1).zero_point[0], 127);
  EXPECT_FLOAT_EQ(int8_from_range(3, 5.1f).scale[0], 0.02f);
}

}  // namespace
}  // namespace fettle::quantize
