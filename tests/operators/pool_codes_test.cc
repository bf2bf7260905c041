// SPDX-License-Identifier: Apache-2.0
// Pools and reductions of 8-bit and of 16-bit codes against their operators: channels around every
// vector, windows cut by padding, more taps than 16 bits hold.
#include <gtest/gtest.h>

#include "integer_call.h"

namespace fettle::operators {
namespace {

using I = std::vector<int64_t>;

// Codes of one width, and how its kernels are called.
struct Width {
  DType type;
  std::string suffix;
  int32_t from_zero, to_zero;

  IntegerOperand codes(const Dims& dims) const {
    return {.dtype = type, .dims = dims, .scale = 0.05F, .zero_point = from_zero};
  }
  IntegerOperand result(float scale = 0.03F) const {
    return {.dtype = type, .scale = scale, .zero_point = to_zero};
  }
  // What codes keep.
  IntegerOperand same() const { return codes({}); }
};
const Width kWidths[] = {{DType::i8, "_i8", -7, 5}, {DType::i16, "_i16", 0, 0}};
const Width& kNarrow = kWidths[0];

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

TEST(PoolCodes, EveryNumberOfChannels) {
  const Attributes attrs = window({3, 3}, {2, 2}, {1, 1, 1, 1});
  const Attributes wide = window({3, 5}, {2, 1}, {1, 2, 1, 2});
  const Attributes global = {{"layout", std::string("nhwc")}};
  for (const int64_t c : kChannels) {
    for (const Width& w : kWidths) {
      const IntegerOperand x = w.codes({2, 7, 6, c});
      check({"maxpool" + w.suffix, "MaxPool", attrs, {x}, w.same()});
      check({"averagepool" + w.suffix, "AveragePool", attrs, {x}, w.result()});
      check({"globalaveragepool" + w.suffix, "GlobalAveragePool", global, {x}, w.result()});
    }
    const IntegerOperand x = kNarrow.codes({2, 7, 6, c});
    check({"maxpool_i8_separable", "MaxPool", wide, {x}, kNarrow.same()});
    check({"globalmaxpool_i8", "GlobalMaxPool", global, {x}, kNarrow.same()});
  }
}

TEST(PoolCodes, WindowsOfAllKinds) {
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
    for (const Width& w : kWidths) {
      const IntegerOperand x = w.codes({1, 13, 12, 40});
      check({"maxpool" + w.suffix, "MaxPool", attrs, {x}, w.same()});
      Attributes average = attrs;
      average.set("count_include_pad", c.include);
      check({"averagepool" + w.suffix, "AveragePool", average, {x}, w.result()});
      average.set("activation", std::string("relu"));
      check({"averagepool" + w.suffix, "AveragePool", average, {x}, w.result()});
    }
    const IntegerOperand x = kNarrow.codes({1, 13, 12, 40});
    const IntegerCall separable{"maxpool_i8_separable", "MaxPool", attrs, {x}, kNarrow.same()};
    EXPECT_EQ(takes(separable), c.kernel[0] > 1);
    if (c.kernel[0] > 1) check(separable);
  }
  const Attributes line = window({4}, {3}, {1, 2});
  for (const Width& w : kWidths) {
    check({"averagepool" + w.suffix, "AveragePool", line, {w.codes({2, 50, 24})}, w.result()});
    check({"maxpool" + w.suffix, "MaxPool", line, {w.codes({2, 50, 24})}, w.same()});
  }
}

// A window that lies in the padding as a whole.
TEST(PoolCodes, OfNothing) {
  const Attributes attrs = window({1, 1}, {1, 1}, {1, 1, 1, 1});
  for (const Width& w : kWidths) {
    check({"averagepool" + w.suffix, "AveragePool", attrs, {w.codes({1, 3, 2, 300})}, w.result()});
  }
}

// Large windows, images narrower than they, and widths around a vector's of one channel.
TEST(PoolCodes, LargestOneAxisAtATime) {
  const IntegerCall call = {"maxpool_i8_separable",
                            "MaxPool",
                            window({5, 5}, {1, 1}, {2, 2, 2, 2}),
                            {kNarrow.codes({1, 9, 9, 256})},
                            kNarrow.same()};
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
TEST(PoolCodes, HalvesUpAndAway) {
  for (const Width& w : kWidths) {
    for (const char* ties : {"up", "away"}) {
      for (const int64_t c : {1, 16, 40, 64, 300}) {
        Attributes attrs = window({2, 1}, {1, 1}, {0, 0, 1, 0});
        attrs.set("ties", std::string(ties));
        const IntegerOperand x = w.codes({1, 21, 20, c});
        check({"averagepool" + w.suffix, "AveragePool", attrs, {x}, w.same()});
        attrs.set("kernel_shape", I{20, 20});
        attrs.set("activation", std::string("relu"));
        check({"averagepool" + w.suffix, "AveragePool", attrs, {x}, w.same()});
      }
    }
  }
}

TEST(ReduceCodes, OverAxes) {
  for (const int64_t c : kChannels) {
    for (const Width& w : kWidths) {
      if (c == 1 && w.type == DType::i16) continue;  // the reference's
      for (const char* op : {"ReduceMean", "ReduceSum"}) {
        const bool mean = op == std::string("ReduceMean");
        const std::string kernel = (mean ? "reducemean" : "reducesum") + w.suffix;
        const IntegerOperand to = w.result(mean ? 0.03F : 0.9F);
        check({kernel, op, {}, {w.codes({2, 5, 4, c}), axes_of({1, 2})}, to});
        check({kernel, op, {{"keepdims", int64_t{0}}}, {w.codes({3, c}), axes_of({0})}, to});
        if (w.type == DType::i16) continue;
        check({kernel, op, {}, {w.codes({5, 3, c}), axes_of({-1})}, to});
      }
    }
    const IntegerOperand x = kNarrow.codes({2, 5, 3, c + 1});
    check({"reducemax_i8", "ReduceMax", {}, {x, axes_of({1, 2})}, kNarrow.same()});
    check({"reducemin_i8", "ReduceMin", {}, {x, axes_of({1, 2})}, kNarrow.same()});
  }
  check({"reducemean_i8", "ReduceMean", {}, {kNarrow.codes({2, 5, 4, 6})}, kNarrow.result()});
}

// The most taps that 32 bits hold, of codes at their end.
TEST(ReduceCodes, MostTaps) {
  IntegerOperand x = kWidths[1].codes({1, 128, 256, 9});
  for (const int byte : {0x80, 0x7f}) {
    x.fill = byte;
    check({"reducemean_i16", "ReduceMean", {}, {x, axes_of({1, 2})}, kWidths[1].result()});
  }
}

// 16 bits hold 256 codes of -128: with more, every boundary between words and sums is passed.
TEST(ReduceCodes, MoreTapsThanWordsHold) {
  for (const int code : {-128, 127, 1000}) {
    for (const int64_t side : {15, 16, 17, 40}) {
      for (const int64_t c : {5, 64, 300}) {
        IntegerOperand x = kNarrow.codes({1, side, side + 1, c});
        x.fill = code;
        check({"reducemean_i8", "ReduceMean", {}, {x, axes_of({1, 2})}, kNarrow.result()});
      }
      IntegerOperand row = kNarrow.codes({2, side * side * 3});
      row.fill = code;
      check({"reducemean_i8", "ReduceMean", {}, {row, axes_of({1})}, kNarrow.result()});
    }
  }
}

}  // namespace
}  // namespace fettle::operators
