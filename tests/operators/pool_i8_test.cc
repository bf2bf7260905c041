// SPDX-License-Identifier: Apache-2.0
// Pools and reductions of codes against their operators: channels around every vector, windows cut
// by padding, more taps than 16 bits hold.
#include <gtest/gtest.h>

#include "integer_call.h"

namespace fettle::operators {
namespace {

using I = std::vector<int64_t>;

IntegerOperand codes(const Dims& dims) { return {.dims = dims, .scale = 0.05F, .zero_point = -7}; }
IntegerOperand result() { return {.scale = 0.03F, .zero_point = 5}; }
// What codes keep.
IntegerOperand same() { return {.scale = 0.05F, .zero_point = -7}; }
IntegerOperand axes_of(const I& axes) {
  return {.dtype = DType::i64,
          .dims = {static_cast<int64_t>(axes.size())},
          .known = true,
          .values = axes};
}

Attributes window(const I& kernel, const I& strides, const I& pads) {
  return {{"layout", std::string("nhwc")},
          {"kernel_shape", kernel},
          {"strides", strides},
          {"pads", pads}};
}

// Channels that end before, at and after a vector, and after several.
constexpr int64_t kChannels[] = {1,  3,  7,  8,   9,   15,  16,  17,  31,  32,  33,  48, 63,
                                 64, 65, 96, 127, 128, 130, 144, 255, 256, 257, 320, 333};

TEST(PoolI8, EveryNumberOfChannels) {
  for (const int64_t c : kChannels) {
    const Attributes attrs = window({3, 3}, {2, 2}, {1, 1, 1, 1});
    check({"maxpool_i8", "MaxPool", attrs, {codes({2, 7, 6, c})}, same()});
    const Attributes wide = window({3, 5}, {2, 1}, {1, 2, 1, 2});
    check({"maxpool_i8_separable", "MaxPool", wide, {codes({2, 7, 6, c})}, same()});
    check({"averagepool_i8", "AveragePool", attrs, {codes({2, 7, 6, c})}, result()});
    const Attributes global = {{"layout", std::string("nhwc")}};
    check({"globalaveragepool_i8", "GlobalAveragePool", global, {codes({2, 7, 6, c})}, result()});
    check({"globalmaxpool_i8", "GlobalMaxPool", global, {codes({2, 7, 6, c})}, same()});
  }
}

TEST(PoolI8, WindowsOfAllKinds) {
  struct Case {
    I kernel, strides, pads, dilations;
    int64_t ceil = 0, include = 0;
  };
  for (const Case& c :
       {Case{{1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}}, Case{{2, 3}, {1, 2}, {1, 2, 0, 1}, {1, 1}},
        Case{{3, 3}, {2, 2}, {0, 0, 1, 1}, {1, 1}, 1}, Case{{3, 2}, {3, 1}, {1, 1, 1, 1}, {2, 3}},
        Case{{3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}, 0, 1},
        Case{{5, 5}, {4, 4}, {2, 2, 2, 2}, {1, 1}, 1, 1}}) {
    Attributes attrs = window(c.kernel, c.strides, c.pads);
    attrs.set("dilations", c.dilations);
    attrs.set("ceil_mode", c.ceil);
    const IntegerCall largest = {"maxpool_i8", "MaxPool", attrs, {codes({1, 13, 12, 40})}, same()};
    check(largest);
    IntegerCall separable = largest;
    separable.kernel = "maxpool_i8_separable";
    EXPECT_EQ(takes(separable), c.kernel[0] > 1);
    if (c.kernel[0] > 1) check(separable);
    attrs.set("count_include_pad", c.include);
    check({"averagepool_i8", "AveragePool", attrs, {codes({1, 13, 12, 40})}, result()});
    attrs.set("activation", std::string("relu"));
    check({"averagepool_i8", "AveragePool", attrs, {codes({1, 13, 12, 40})}, result()});
  }
  Attributes line = window({4}, {3}, {1, 2});
  check({"averagepool_i8", "AveragePool", line, {codes({2, 50, 24})}, result()});
  check({"maxpool_i8", "MaxPool", line, {codes({2, 50, 24})}, same()});
}

// Large windows, images narrower than they, and widths around a vector's of one channel.
TEST(PoolI8, LargestOneAxisAtATime) {
  const IntegerCall call = {"maxpool_i8_separable",
                            "MaxPool",
                            window({5, 5}, {1, 1}, {2, 2, 2, 2}),
                            {codes({1, 9, 9, 256})},
                            same()};
  check(call);
  IntegerCall small = call;
  small.in[0].dims = {3, 2, 1, 48};
  check(small);
  IntegerCall two = call;
  two.attrs = window({2, 2}, {2, 2}, {0, 0, 0, 0});
  for (int64_t w = 2; w <= 140; ++w) {
    for (const int64_t c : {1, 3}) {
      two.in[0].dims = {1, 4, w, c};
      check(two);
    }
  }
  IntegerCall line = call;  // nothing to win along one axis
  line.attrs = window({4}, {3}, {1, 2});
  line.in[0].dims = {2, 50, 24};
  EXPECT_FALSE(takes(line));
  IntegerCall wide = call;
  wide.in[0].dims = {1, 9, 9, 24};
  for (const int64_t k : {2, 3, 4}) {
    wide.attrs = window({k, k}, {2, 2}, {1, 1, 1, 1});
    check(wide);
  }
  IntegerCall apart = call;
  apart.attrs = window({2, 2}, {3, 3}, {0, 0, 0, 0});
  EXPECT_FALSE(takes(apart));
}

// TFLite's means of the codes themselves: windows of two and four elements tie often.
TEST(PoolI8, HalvesUpAndAway) {
  for (const char* ties : {"up", "away"}) {
    for (const int64_t c : {1, 16, 40, 64, 200}) {
      Attributes attrs = window({2, 1}, {1, 1}, {0, 0, 1, 0});
      attrs.set("ties", std::string(ties));
      check({"averagepool_i8", "AveragePool", attrs, {codes({1, 21, 20, c})}, same()});
      attrs.set("kernel_shape", I{20, 20});
      attrs.set("activation", std::string("relu"));
      check({"averagepool_i8", "AveragePool", attrs, {codes({1, 21, 20, c})}, same()});
    }
  }
}

TEST(ReduceI8, OverAxes) {
  for (const int64_t c : kChannels) {
    for (const char* op : {"ReduceMean", "ReduceSum"}) {
      const std::string kernel = op == std::string("ReduceMean") ? "reducemean_i8" : "reducesum_i8";
      check({kernel, op, {}, {codes({2, 5, 4, c}), axes_of({1, 2})}, result()});
      check({kernel, op, {{"keepdims", int64_t{0}}}, {codes({3, c}), axes_of({0})}, result()});
      check({kernel, op, {}, {codes({5, 3, c}), axes_of({-1})}, result()});
    }
    check({"reducemax_i8", "ReduceMax", {}, {codes({2, 5, 3, c + 1}), axes_of({1, 2})}, same()});
    check({"reducemin_i8", "ReduceMin", {}, {codes({2, 5, 3, c + 1}), axes_of({1, 2})}, same()});
  }
  check({"reducemean_i8", "ReduceMean", {}, {codes({2, 5, 4, 6})}, result()});
}

// 16 bits hold 256 codes of -128: with more, every boundary between words and sums is passed.
TEST(ReduceI8, MoreTapsThanWordsHold) {
  for (const int code : {-128, 127, 1000}) {
    for (const int64_t side : {15, 16, 17, 40}) {
      for (const int64_t c : {5, 64, 300}) {
        IntegerOperand x = codes({1, side, side + 1, c});
        x.fill = code;
        check({"reducemean_i8", "ReduceMean", {}, {x, axes_of({1, 2})}, result()});
      }
      IntegerOperand row = codes({2, side * side * 3});
      row.fill = code;
      check({"reducemean_i8", "ReduceMean", {}, {row, axes_of({1})}, result()});
    }
  }
}

}  // namespace
}  // namespace fettle::operators
