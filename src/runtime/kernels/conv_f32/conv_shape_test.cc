// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_f32/conv_shape.h"

#include <gtest/gtest.h>

#include <array>

namespace fettle::runtime {
namespace {

int64_t pad_top(const char* auto_pad, int64_t in, int64_t kernel, int64_t stride, int64_t out) {
  float w = 0;
  const std::array<TensorView, 2> inputs = {
      TensorView{DType::f32, false, {1, in, in, 1}, nullptr, nullptr},
      TensorView{DType::f32, false, {1, kernel, kernel, 1}, &w, nullptr}};
  std::array<TensorView, 1> outputs = {
      TensorView{DType::f32, false, {1, out, out, 1}, nullptr, nullptr}};
  const Attributes attrs{{"layout", std::string("nhwc")},
                         {"auto_pad", std::string(auto_pad)},
                         {"strides", std::vector<int64_t>{stride, stride}}};
  ConvShape s;
  EXPECT_TRUE(read_conv({attrs, inputs, outputs}, &s));
  EXPECT_EQ(s.pad_top, s.pad_left);
  return s.pad_top;
}

// The rule of TensorFlow's documentation: what is odd goes behind, or with LOWER before.
TEST(ConvShape, ResolvesAutoPad) {
  EXPECT_EQ(pad_top("SAME_UPPER", 32, 3, 1, 32), 1);
  EXPECT_EQ(pad_top("SAME_UPPER", 32, 3, 2, 16), 0);
  EXPECT_EQ(pad_top("SAME_LOWER", 32, 3, 2, 16), 1);
  EXPECT_EQ(pad_top("SAME_UPPER", 33, 3, 2, 17), 1);
  EXPECT_EQ(pad_top("SAME_UPPER", 32, 1, 2, 16), 0);
  EXPECT_EQ(pad_top("VALID", 32, 3, 1, 30), 0);
}

}  // namespace
}  // namespace fettle::runtime
