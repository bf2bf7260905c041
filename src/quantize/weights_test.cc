// SPDX-License-Identifier: Apache-2.0
//
// Weights per channel, worked by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "quantize/post_training.h"

namespace fettle::quantize {
namespace {

std::vector<int> codes(const Tensor& t) {
  return {t.data<int8_t>().begin(), t.data<int8_t>().end()};
}

TEST(Weights, OneScaleAChannel) {
  const Tensor q = quantize_weights(Tensor::of<float>({3, 2}, {1, -0.5f, 254, 127, 0, 0}), 0);
  ASSERT_NE(q.quant(), nullptr);
  EXPECT_EQ(q.quant()->axis, 0);
  EXPECT_EQ(q.quant()->scale, (std::vector<float>{1.0f / 127, 2, 1.0f / 127}));
  EXPECT_EQ(q.quant()->zero_point, (std::vector<int32_t>{0, 0, 0}));
  EXPECT_EQ(codes(q), (std::vector<int>{127, -64, 127, 64, 0, 0}));  // halves to even
}

TEST(Weights, AnyAxis) {
  const Tensor q =
      quantize_weights(Tensor::of<float>({2, 2, 2}, {127, -1, 254, 2, -12.7f, 1, 25.4f, -254}), 1);
  EXPECT_EQ(q.quant()->axis, 1);
  EXPECT_EQ(q.quant()->scale, (std::vector<float>{1, 2}));
  EXPECT_EQ(codes(q), (std::vector<int>{127, -1, 127, 1, -13, 1, 13, -127}));
}

TEST(Weights, CodesAreSymmetric) {
  const Tensor q = quantize_weights(Tensor::of<float>({1, 3}, {-3, 1, 2.9999f}), 0);
  EXPECT_EQ(codes(q), (std::vector<int>{-127, 42, 127}));
}

TEST(Weights, LeastScales) {
  const std::vector<float> least = {0.5F, 0.001F};
  const Tensor q = quantize_weights(Tensor::of<float>({2, 2}, {1.27F, -1, 1.27F, -1}), 0, least);
  EXPECT_EQ(q.quant()->scale, (std::vector<float>{0.5F, 1.27F / 127}));
  EXPECT_EQ(codes(q), (std::vector<int>{3, -2, 127, -100}));
}

TEST(Weights, WhatIsNotFiniteDoesNotSpoilTheRest) {
  const Tensor q = quantize_weights(Tensor::of<float>({1, 4}, {NAN, INFINITY, -INFINITY, 1}), 0);
  EXPECT_EQ(q.quant()->scale[0], 1.0f / 127);
  EXPECT_EQ(codes(q), (std::vector<int>{0, 127, -127, 127}));
}

}  // namespace
}  // namespace fettle::quantize
