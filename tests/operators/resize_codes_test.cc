// SPDX-License-Identifier: Apache-2.0
// Resize of codes: the operator against sums worked by hand, kernels against the operator.
#include <gtest/gtest.h>

#include "integer_call.h"
#include "ops/evaluate.h"

namespace fettle::operators {
namespace {

using I = std::vector<int64_t>;

constexpr DType kTypes[] = {DType::i8, DType::i16};

IntegerOperand codes(DType type, const Dims& dims) {
  return {.dtype = type, .dims = dims, .scale = 0.05F, .zero_point = type == DType::i8 ? -7 : 0};
}
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
  for (const DType type : kTypes) {
    check({type == DType::i8 ? "resize_i8_linear" : "resize_i16_linear",
           "Resize",
           linear(coordinates),
           {codes(type, from), none(), none(), sizes(to)},
           codes(type, {})});
  }
}

TEST(ResizeCodes, EveryNumberOfChannels) {
  for (int64_t c = 1; c <= 70; ++c) {
    check_linear({1, 3, 5, c}, {1, 7, 9, c}, "half_pixel");
    check_linear({2, 3, 5, c}, {2, 8, 5, c}, "half_pixel");
  }
}

TEST(ResizeCodes, UpDownAndEveryCoordinate) {
  for (const char* mode : {"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"}) {
    check_linear({2, 4, 4, 19}, {2, 8, 8, 19}, mode);
    check_linear({1, 9, 7, 3}, {1, 4, 5, 3}, mode);
    check_linear({1, 1, 1, 33}, {1, 5, 6, 33}, mode);
    check_linear({1, 6, 6, 8}, {1, 1, 1, 8}, mode);
    check_linear({2, 3, 5, 4}, {2, 3, 11, 4}, mode);
    check_linear({1, 2, 9, 130}, {1, 3, 40, 130}, mode);
  }
}

// The least code beside the most along either axis: sums as large as there are.
TEST(ResizeCodes, ExtremesOf16Bits) {
  for (const int64_t c : {1, 3, 16, 40}) {
    IntegerCall call = {"resize_i16_linear",
                        "Resize",
                        linear("half_pixel"),
                        {codes(DType::i16, {1, 4, 4, c}), none(), none(), sizes({1, 9, 4, c})},
                        codes(DType::i16, {})};
    for (int64_t i = 0; i < 16 * c; ++i) {
      call.in[0].values.push_back((i / c + i / (4 * c)) % 2 == 0 ? -32768 : 32767);
    }
    check(call);
    call.in[3].values = {1, 33, 57, c};
    check(call);
  }
}

TEST(ResizeCodes, NearestOfEveryWidth) {
  for (const DType type : {DType::i8, DType::i16, DType::i32}) {
    for (const int64_t c : {1, 3, 24}) {
      check({"resize_nearest",
             "Resize",
             {{"mode", std::string("nearest")}},
             {codes(type, {1, 5, 7, c}), none(), none(), sizes({1, 10, 14, c})},
             codes(type, {})});
    }
  }
}

template <class T>
std::vector<T> widened_by_four(std::vector<T> x) {
  std::vector<int64_t> to = {1, 1, 8, 1};
  const Quantization range{{0.05F}, {0}};
  const TensorView in[] = {{kDTypeOf<T>, false, {1, 1, 2, 1}, x.data(), &range},
                           {},
                           {},
                           {DType::i64, false, {4}, to.data(), nullptr}};
  const Quantization* stated[] = {&range};
  const auto got = ops::evaluate(*ops::find("Resize"), linear("half_pixel"), in, 1, size_t{1} << 20,
                                 std::span(stated));
  if (!got.ok()) return {};
  const auto* y = static_cast<const T*>((*got)[0].raw());
  return {y, y + 8};
}

// -128, 127 and what lies between them by 3/8 and 1/8: 2048 units are 768 : 1280 and 256 : 1792.
// (1280 * -128 + 768 * 127 + 1024) >> 11 = (-66304 + 1024) >> 11 = -31.9 rounded down: -32
// (1792 * -128 + 256 * 127 + 1024) >> 11 = (-196864 + 1024) >> 11: -96
// (1792 *  127 + 256 * -128 + 1024) >> 11 = (194816 + 1024) >> 11 = 95.6: 95
// (1280 *  127 + 768 * -128 + 1024) >> 11 = (64256 + 1024) >> 11 = 31.9: 31
TEST(ResizeCodes, ByHand) {
  EXPECT_EQ(widened_by_four<int8_t>({-128, 127}),
            (std::vector<int8_t>{-128, -128, -96, -32, 31, 95, 127, 127}));
}

// 7/8 * -32768 + 1/8 * 32767 = -24576.1, 5/8 and 3/8: -8192.4, and 8191.4 and 24575.1 likewise.
TEST(ResizeCodes, ByHandOf16Bits) {
  EXPECT_EQ(widened_by_four<int16_t>({-32768, 32767}),
            (std::vector<int16_t>{-32768, -32768, -24576, -8192, 8191, 24575, 32767, 32767}));
}

}  // namespace
}  // namespace fettle::operators
