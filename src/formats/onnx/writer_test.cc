// SPDX-License-Identifier: Apache-2.0
// Forms that models of the ONNX standard do not have; tests/conformance writes all that they do.
#include "formats/onnx/writer.h"

#include <gtest/gtest.h>

#include "formats/onnx/reader.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "ops/op.h"

namespace fettle::formats {
namespace {

std::string written(const std::string& text) {
  const auto graph = ir::parse(text);
  if (!graph.ok()) return graph.status().to_string();
  const auto form = to_onnx_form(**graph);
  if (!form.ok()) return form.status().to_string();
  EXPECT_TRUE(ir::verify(**form).ok()) << ir::verify(**form).to_string();
  return ir::print(**form);
}

// Text with the spacing of print().
std::string canonical(const std::string& text) {
  const auto graph = ir::parse(text);
  return graph.ok() ? ir::print(**graph) : graph.status().to_string();
}

TEST(OnnxWriter, FusedActivationAndResidualBecomeNodes) {
  EXPECT_EQ(written(R"(graph "g" {
    input %x : f32[1,2,4,4]
    input %r : f32[1,2,4,4]
    const %w : f32[2,2,1,1] = [1.0, 2.0, 3.0, 4.0]
    %y = Conv(%x, %w, _, %r) {activation = "relu6", group = 1}
    output %y
  })"),
            canonical(R"(graph "g" {
    input %x : f32[1,2,4,4]
    input %r : f32[1,2,4,4]
    const %w : f32[2,2,1,1] = [1.0, 2.0, 3.0, 4.0]
    const %#1 : f32[] = [0.0]
    const %#2 : f32[] = [6.0]
    %#3 = Conv(%x, %w, _) {group = 1}
    %#4 = Add(%#3, %r)
    %y = Clip(%#4, %#1, %#2)
    output %y
  })"));
}

TEST(OnnxWriter, QuantizedValuesBecomeQdq) {
  EXPECT_EQ(written(R"(graph "g" {
    input %x : i8[1,4] = i8[1,4] q(0.5:3)
    const %w : i8[4,2] q(axis=1, 0.5:0, 0.25:0) = [1, 2, 3, 4, 5, 6, 7, 8]
    %y : i8[1,2] q(2.0:-1) = MatMul(%x, %w)
    output %y
  })"),
            canonical(R"(graph "g" {
    input %x : i8[1,4] = i8[1,4] q(0.5:3)
    const %w : i8[4,2] q(axis=1, 0.5:0, 0.25:0) = [1, 2, 3, 4, 5, 6, 7, 8]
    const %#1 : f32[] = [0.5]
    const %#2 : i8[] = [3]
    const %#3 : f32[2] = [0.5, 0.25]
    const %#4 : i8[2] = [0, 0]
    const %#5 : f32[] = [2.0]
    const %#6 : i8[] = [-1]
    %#7 = DequantizeLinear(%x, %#1, %#2) {axis = 1}
    %#8 = DequantizeLinear(%w, %#3, %#4) {axis = 1}
    %#9 = MatMul(%#7, %#8)
    %y : i8[1,2] q(2.0:-1) = QuantizeLinear(%#9, %#5, %#6) {axis = 1}
    output %y
  })"));
}

TEST(OnnxWriter, WhatOnnxHasNotIsRefusedByName) {
  EXPECT_NE(
      written("graph \"g\" { input %x : f32[1] %y = Frobnicate(%x) output %y }").find("Frobnicate"),
      std::string::npos);
}

TEST(OnnxWriter, ChannelsLastStandsBetweenTransposes) {
  EXPECT_EQ(written(R"(graph "g" {
    input %x : f32[1,4,4,3]
    const %w : f32[2,1,1,3] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    %y = Conv(%x, %w) {layout = "nhwc", activation = "relu"}
    output %y
  })"),
            canonical(R"(graph "g" {
    input %x : f32[1,4,4,3]
    const %w : f32[2,1,1,3] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    %#1 = Transpose(%x) {perm = [0, 3, 1, 2]}
    %#2 = Transpose(%w) {perm = [0, 3, 1, 2]}
    %#3 = Conv(%#1, %#2)
    %#4 = Transpose(%#3) {perm = [0, 2, 3, 1]}
    %y = Relu(%#4)
    output %y
  })"));
}

TEST(OnnxWriter, BranchesAreWrittenLikeTheGraphAroundThem) {
  const auto text = [](const std::string& then) {
    return "graph \"g\" {\n input %c : bool[]\n input %x : f32[2]\n" + std::string(R"(
      %y = If(%c, %x) graph "then" {
        input %x : none[]
        )") +
           then + R"(
        output %a
      } graph "else" {
        input %x : none[]
        %b = Neg(%x)
        output %b
      }
      output %y
    })";
  };
  EXPECT_EQ(written(text("%a = Cast(%x) {to = \"f32\"}")),
            canonical(text("%a = Cast(%x) {to = 1}")));
  EXPECT_NE(written(text("%a = Frobnicate(%x)")).find("Frobnicate"), std::string::npos);
}

TEST(OnnxWriter, WritingAgainChangesNothing) {
  const auto graph = ir::parse(R"(graph "g" {
    meta "labels" = "a\nb"
    input %x : f32[1,?,4,4]
    const %c : f32[2,2,1,1] = [1.0, 2.0, 3.0, 4.0]
    %c#2 = Conv "the node"(%x, %c) {auto_pad = "SAME_UPPER", strides = [1, 2]}
    output %c#2
  })");
  ASSERT_TRUE(graph.ok()) << graph.status().to_string();
  const auto once = write_onnx(**graph);
  ASSERT_TRUE(once.ok()) << once.status().to_string();
  const auto read = read_onnx(*once, "");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  const auto twice = write_onnx(**read);
  ASSERT_TRUE(twice.ok());
  const auto again = read_onnx(*twice, "");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(ir::print(**read), ir::print(**again));
  EXPECT_EQ((*read)->metadata.at("labels"), "a\nb");
  EXPECT_EQ((*read)->inputs()[0].extents, (std::vector<int64_t>{1, -1, 4, 4}));
}

}  // namespace
}  // namespace fettle::formats
