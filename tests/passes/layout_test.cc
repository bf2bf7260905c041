// SPDX-License-Identifier: Apache-2.0
//
// The passes that choose layouts and move transposes, each alone: where each fires, the graph
// before and after as text; where it must not, the graph stays.
#include "before_after.h"

namespace fettle::passes {
namespace {

TEST(ChannelsLast, FiresAndStays) {
  expect_becomes("channels_last", kX + R"(
    const %w : f32[1,2,1,2] = [1.0, 2.0, 3.0, 4.0]
    %y = Conv(%x, %w)
    output %y)",
                 kX + R"(
    const %w : f32[1,1,2,2] = [1.0, 3.0, 2.0, 4.0]
    %a = Transpose(%x) {perm = [0, 2, 3, 1]}
    %b = Conv(%a, %w) {layout = "nhwc"}
    %y = Transpose(%b) {perm = [0, 3, 1, 2]}
    output %y)");
  expect_becomes("channels_last", kX + "%y = MaxPool(%x) {kernel_shape = [2, 2]}\noutput %y",
                 kX + R"(
    %a = Transpose(%x) {perm = [0, 2, 3, 1]}
    %b = MaxPool(%a) {kernel_shape = [2, 2], layout = "nhwc"}
    %y = Transpose(%b) {perm = [0, 3, 1, 2]}
    output %y)");
  expect_becomes("channels_last", kX + R"(
    %q : i8[1,2,4,4] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %p : i8[1,2,1,1] q(0.04:2) = GlobalAveragePool(%q)
    %y = DequantizeLinear(%p)
    output %y)",
                 kX + R"(
    %q : i8[1,2,4,4] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %a = Transpose(%q) {perm = [0, 2, 3, 1]}
    %p : i8[1,1,1,2] q(0.04:2) = GlobalAveragePool(%a) {layout = "nhwc"}
    %b = Transpose(%p) {perm = [0, 3, 1, 2]}
    %y = DequantizeLinear(%b)
    output %y)");
  expect_stays("channels_last",
               "input %x : f32[1,2,4]\n%y = MaxPool(%x) {kernel_shape = [2]}\noutput %y");
  expect_stays("channels_last",
               "input %x : f32[1,4,4,2]\n%y = MaxPool(%x) {kernel_shape = [2, 2], "
               "layout = \"nhwc\"}\noutput %y");
  expect_stays("channels_last",
               kX + "%y, %i = MaxPool(%x) {kernel_shape = [2, 2]}\noutput %y\noutput %i");
  expect_stays("channels_last", kX + R"(
    const %w : f32[2,1,1,1] = [1.0, 2.0]
    %y = ConvTranspose(%x, %w) {group = 2}
    output %y)");
}

TEST(SinkTranspose, Fires) {
  const std::string last = "input %x : f32[1,4,4,2]\n";
  expect_becomes("sink_transpose", last + R"(
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = Relu(%a)
    %y = Transpose(%b) {perm = [0, 2, 3, 1]}
    output %y)",
                 last + "%y = Relu(%x)\noutput %y");
  expect_becomes("sink_transpose", last + R"(
    const %k : f32[2,1,1] = [1.0, 2.0]
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = Mul(%a, %k)
    output %b)",
                 last + R"(
    const %k : f32[1,1,1,2] = [1.0, 2.0]
    %b = Mul(%x, %k)
    %y = Transpose(%b) {perm = [0, 3, 1, 2]}
    output %y)");
  expect_becomes("sink_transpose", last + R"(
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = Concat(%a, %a) {axis = 1}
    output %b)",
                 last + R"(
    %b = Concat(%x, %x) {axis = 3}
    %y = Transpose(%b) {perm = [0, 3, 1, 2]}
    output %y)");
  expect_becomes("sink_transpose", last + R"(
    const %axes : i64[2] = [2, 3]
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = ReduceMean(%a, %axes) {keepdims = 0}
    output %b)",
                 last + R"(
    const %axes : i64[2] = [1, 2]
    %b = ReduceMean(%x, %axes) {keepdims = 0}
    output %b)");
}

// Channels of two groups, written in turn: what is left moves nothing but channels.
TEST(SinkTranspose, ShufflesChannelsWhereTheyLieLast) {
  expect_becomes("sink_transpose", R"(
    input %x : f32[2,3,5,8]
    const %five : i64[5] = [2, 2, 4, 3, 5]
    const %four : i64[4] = [2, 8, 3, 5]
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = Reshape(%a, %five)
    %c = Transpose(%b) {perm = [0, 2, 1, 3, 4]}
    %d = Reshape(%c, %four)
    %e = Transpose(%d) {perm = [0, 2, 3, 1]}
    output %e)",
                 R"(
    input %x : f32[2,3,5,8]
    const %five : i64[5] = [2, 3, 5, 2, 4]
    const %four : i64[4] = [2, 3, 5, 8]
    %a = Reshape(%x, %five)
    %b = Reshape(%a, %five)
    %c = Transpose(%b) {perm = [0, 1, 2, 4, 3]}
    %d = Reshape(%c, %four)
    output %d)");
  // The same of codes, which keep their range.
  expect_becomes("sink_transpose", R"(
    input %x : f32[1,3,5,8]
    const %five : i64[5] = [1, 2, 4, 3, 5]
    const %four : i64[4] = [1, 8, 3, 5]
    %q : i8[1,3,5,8] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %a = Transpose(%q) {perm = [0, 3, 1, 2]}
    %b = Reshape(%a, %five)
    %c = Transpose(%b) {perm = [0, 2, 1, 3, 4]}
    %d = Reshape(%c, %four)
    %e = Transpose(%d) {perm = [0, 2, 3, 1]}
    %y = DequantizeLinear(%e)
    output %y)",
                 R"(
    input %x : f32[1,3,5,8]
    const %five : i64[5] = [1, 3, 5, 2, 4]
    const %factors : i64[4] = [3, 5, 2, 4]
    const %four : i64[4] = [1, 3, 5, 8]
    %q : i8[1,3,5,8] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %a = Reshape(%q, %five)
    %b = Reshape(%a, %factors)
    %c = Transpose(%b) {perm = [0, 1, 3, 2]}
    %d = Reshape(%c, %four)
    %y = DequantizeLinear(%d)
    output %y)");
}

// Every other channel, by way of a batch of channel pairs: no transpose is left.
TEST(SinkTranspose, TakesEveryOtherChannelWhereTheyLieLast) {
  const std::string one = R"(
    input %x : f32[1,3,5,8]
    const %from : i64[1] = [1]
    const %to : i64[1] = [2]
    )";
  expect_becomes("sink_transpose", one + R"(
    const %axis : i64[1] = [0]
    const %pairs : i64[3] = [4, 2, 15]
    const %halves : i64[5] = [2, 1, 4, 3, 5]
    const %four : i64[4] = [1, 4, 3, 5]
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = Reshape(%a, %pairs)
    %c = Transpose(%b) {perm = [1, 0, 2]}
    %d = Reshape(%c, %halves)
    %e = Slice(%d, %from, %to, %axis)
    %f = Reshape(%e, %four)
    %g = Relu(%f)
    %h = Transpose(%g) {perm = [0, 2, 3, 1]}
    output %h)",
                 one + R"(
    const %axis : i64[1] = [3]
    const %pairs : i64[3] = [15, 4, 2]
    const %halves : i64[5] = [3, 5, 4, 2, 1]
    const %four : i64[4] = [1, 3, 5, 4]
    %b = Reshape(%x, %pairs)
    %d = Reshape(%b, %halves)
    %e = Slice(%d, %from, %to, %axis)
    %f = Reshape(%e, %four)
    %g = Relu(%f)
    output %g)");
}

// To codes, with one scale.
TEST(SinkTranspose, PassesWhatMakesCodes) {
  const std::string from = R"(
    input %x : f32[1,4,4,2]
    const %s : f32[] = [0.05]
    const %z : i8[] = [3]
    )";
  expect_becomes("sink_transpose", from + R"(
    %t = Transpose(%x) {perm = [0, 3, 1, 2]}
    %q = QuantizeLinear(%t, %s, %z)
    %l = Transpose(%q) {perm = [0, 2, 3, 1]}
    %y = DequantizeLinear(%l, %s, %z)
    output %y)",
                 from + R"(
    %q = QuantizeLinear(%x, %s, %z)
    %y = DequantizeLinear(%q, %s, %z)
    output %y)");
  // Functions of one code, by table.
  std::string table = "const %k : i8[256] = [";
  for (int i = 0; i < 256; ++i) table += std::to_string(i / 2 - 60) + (i < 255 ? ", " : "]\n");
  expect_becomes("sink_transpose", from + table + R"(
    %q : i8[1,4,4,2] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %t = Transpose(%q) {perm = [0, 3, 1, 2]}
    %f : i8[1,2,4,4] q(0.1:2) = Lookup(%t, %k)
    %l = Transpose(%f) {perm = [0, 2, 3, 1]}
    %y = DequantizeLinear(%l)
    output %y)",
                 from + table + R"(
    %q : i8[1,4,4,2] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %f : i8[1,4,4,2] q(0.1:2) = Lookup(%q, %k)
    %y = DequantizeLinear(%f)
    output %y)");
  // With one for each channel, its axis would have to move along.
  expect_stays("sink_transpose", R"(
    input %x : f32[1,4,4,2]
    const %s : f32[2] = [0.05, 0.1]
    const %z : i8[2] = [3, 4]
    %t = Transpose(%x) {perm = [0, 3, 1, 2]}
    %q = QuantizeLinear(%t, %s, %z) {axis = 1}
    %l = Transpose(%q) {perm = [0, 2, 3, 1]}
    %y = DequantizeLinear(%l, %s, %z) {axis = 3}
    output %y)");
}

TEST(SinkTranspose, PlacesExtentsOfOne) {
  expect_becomes("sink_transpose", R"(
    input %x : f32[4,5,1,2]
    %a = Transpose(%x) {perm = [2, 3, 0, 1]}
    %b = Relu(%a)
    output %b)",
                 R"(
    input %x : f32[4,5,1,2]
    const %s : i64[4] = [1, 4, 5, 2]
    %a = Reshape(%x, %s)
    %b = Relu(%a)
    %c = Transpose(%b) {perm = [0, 3, 1, 2]}
    output %c)");
}

TEST(PlaceTranspose, Codes) {
  expect_becomes("place_transpose", kX + R"(
    %t = Transpose(%x) {perm = [0, 2, 3, 1]}
    %q : i8[1,4,4,2] q(0.05:3) = QuantizeLinear(%t) {output_dtype = 3}
    %y = DequantizeLinear(%q)
    output %y)",
                 kX + R"(
    %q : i8[1,2,4,4] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %t = Transpose(%q) {perm = [0, 2, 3, 1]}
    %y = DequantizeLinear(%t)
    output %y)");
  expect_becomes("place_transpose", kX + R"(
    %q : i8[1,2,4,4] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %d = DequantizeLinear(%q)
    %y = Transpose(%d) {perm = [0, 2, 3, 1]}
    output %y)",
                 kX + R"(
    %q : i8[1,2,4,4] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %t = Transpose(%q) {perm = [0, 2, 3, 1]}
    %y = DequantizeLinear(%t)
    output %y)");
}

// Before an image grows, together with the codes that it is of; after one that shrinks.
TEST(PlaceTranspose, Resize) {
  const std::string image = "input %x : f32[1,2,3,5]\n";
  expect_becomes("place_transpose", image + R"(
    const %s : i64[4] = [1, 4, 6, 5]
    %q : i8[1,2,3,5] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %r : i8[1,4,6,5] q(0.05:3) = Resize(%q, _, _, %s) {mode = "linear"}
    %d = DequantizeLinear(%r)
    %y = Transpose(%d) {perm = [0, 3, 1, 2]}
    output %y)",
                 image + R"(
    const %s : i64[4] = [1, 5, 4, 6]
    %q : i8[1,2,3,5] q(0.05:3) = QuantizeLinear(%x) {output_dtype = 3}
    %t = Transpose(%q) {perm = [0, 3, 1, 2]}
    %r : i8[1,5,4,6] q(0.05:3) = Resize(%t, _, _, %s) {mode = "linear"}
    %y = DequantizeLinear(%r)
    output %y)");
  expect_stays("place_transpose", image + R"(
    const %s : i64[4] = [1, 1, 2, 5]
    %r = Resize(%x, _, _, %s) {mode = "linear"}
    %y = Transpose(%r) {perm = [0, 3, 1, 2]}
    output %y)");
  // The image is wanted as it is, too.
  expect_stays("place_transpose", image + R"(
    const %s : i64[4] = [1, 4, 6, 5]
    %r = Resize(%x, _, _, %s) {mode = "linear"}
    %y = Transpose(%r) {perm = [0, 3, 1, 2]}
    output %y
    output %r)");
}

// The floats are wanted as they are, too.
TEST(PlaceTranspose, CodesStay) {
  expect_stays("place_transpose", kX + R"(
    %t = Transpose(%x) {perm = [0, 2, 3, 1]}
    %q : i8[1,4,4,2] q(0.05:3) = QuantizeLinear(%t) {output_dtype = 3}
    %y = DequantizeLinear(%q)
    %z = Relu(%t)
    output %y
    output %z)");
}

TEST(SinkTranspose, Stays) {
  expect_stays("sink_transpose",
               "input %x : f32[1,4,4,4]\n"
               R"(
    %a = Transpose(%x) {perm = [0, 3, 1, 2]}
    %b = MatMul(%a, %a)
    output %b)");
  expect_stays("sink_transpose", kX + "%a = Transpose(%x) {perm = [1, 0, 2, 3]}\n"
                                      "%b = Relu(%a)\noutput %b");
  // Heads that are merged: what lies between them would have to move all the same.
  expect_stays("sink_transpose", R"(
    input %x : f32[1,4,5,2]
    const %s : i64[3] = [1, 5, 8]
    %a = Transpose(%x) {perm = [0, 2, 1, 3]}
    %b = Reshape(%a, %s)
    output %b)");
  // Both the transposed and the reshaped are read.
  expect_stays("sink_transpose", R"(
    input %x : f32[3,4,5]
    const %s : i64[4] = [4, 3, 5, 1]
    %a = Transpose(%x) {perm = [1, 0, 2]}
    %b = Reshape(%a, %s)
    %c = Relu(%a)
    output %b
    output %c)");
  // The other operand would need a transpose of its own.
  expect_stays("sink_transpose",
               "input %x : f32[1,4,4,2]\ninput %z : f32[1,2,4,4]\n"
               "%a = Transpose(%x) {perm = [0, 3, 1, 2]}\n"
               "%b = Add(%a, %z)\noutput %b");
}

}  // namespace
}  // namespace fettle::passes
