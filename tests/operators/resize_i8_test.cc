// SPDX-License-Identifier: Apache-2.0
// Resize of codes: the operator against sums worked by hand, kernels against the operator.
#include <gtest/gtest.h>

#include "integer_call.h"
#include "ops/evaluate.h"

namespace fettle::operators {
namespace {

using I = std::vector<int64_t>;

IntegerOperand codes(const Dims& dims) { return {.dims = dims, .scale = 0.05F, .zero_point = -7}; }
IntegerOperand sizes(const I& to) {
  return {
      .dtype = DType::i64, .dims = {static_cast<int64_t>(to.size())}, .known = true, .values = to};
}
// Scales are floats: random ones would not do, so sizes alone are given.
IntegerOperand none() { return {.dtype = DType::f32, .dims = {0}, .known = true}; }

Attributes linear(const char* coordinates) {
  return {{"mode", std::string("linear")},
          {"coordinate_transformation_mode", std::string(coordinates)}};
}

void check_linear(const Dims& from, const I& to, const char* coordinates) {
  check({"resize_i8_linear",
         "Resize",
         linear(coordinates),
         {codes(from), none(), none(), sizes(to)},
         {.scale = 0.05F, .zero_point = -7}});
}

TEST(ResizeI8, EveryNumberOfChannels) {
  for (int64_t c = 1; c <= 70; ++c) {
    check_linear({1, 3, 5, c}, {1, 7, 9, c}, "half_pixel");
    check_linear({2, 3, 5, c}, {2, 8, 5, c}, "half_pixel");
  }
}

TEST(ResizeI8, UpDownAndEveryCoordinate) {
  for (const char* mode : {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"}) {
    check_linear({2, 4, 4, 19}, {2, 8, 8, 19}, mode);
    check_linear({1, 9, 7, 3}, {1, 4, 5, 3}, mode);
    check_linear({1, 1, 1, 33}, {1, 5, 6, 33}, mode);
    check_linear({1, 6, 6, 8}, {1, 1, 1, 8}, mode);
    check_linear({2, 3, 5, 4}, {2, 3, 11, 4}, mode);
    check_linear({1, 2, 9, 130}, {1, 3, 40, 130}, mode);
  }
}

// -128, 127 and what lies between them by 3/8 and 1/8: 2048 units are 768 : 1280 and 256 : 1792.
// (1280 * -128 + 768 * 127 + 1024) >> 11 = (-66304 + 1024) >> 11 = -31.9 rounded down: -32
// (1792 * -128 + 256 * 127 + 1024) >> 11 = (-196864 + 1024) >> 11: -96
// (1792 *  127 + 256 * -128 + 1024) >> 11 = (194816 + 1024) >> 11 = 95.6: 95
// (1280 *  127 + 768 * -128 + 1024) >> 11 = (64256 + 1024) >> 11 = 31.9: 31
TEST(ResizeI8, ByHand) {
  const std::vector<int8_t> x = {-128, 127};
  std::vector<int64_t> to = {1, 1, 8, 1};
  const Quantization range{{0.05F}, {0}};
  const TensorView in[] = {{DType::i8, false, {1, 1, 2, 1}, const_cast<int8_t*>(x.data()), &range},
                           {},
                           {},
                           {DType::i64, false, {4}, to.data(), nullptr}};
  const Quantization* stated[] = {&range};
  const auto got = ops::evaluate(*ops::find("Resize"), linear("half_pixel"), in, 1, size_t{1} << 20,
                                 std::span(stated));
  ASSERT_TRUE(got.ok()) << got.status().to_string();
  const auto* y = static_cast<const int8_t*>((*got)[0].raw());
  EXPECT_EQ(std::vector<int8_t>(y, y + 8),
            (std::vector<int8_t>{-128, -128, -96, -32, 31, 95, 127, 127}));
}

}  // namespace
}  // namespace fettle::operators
