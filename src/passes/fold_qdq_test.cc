// SPDX-License-Identifier: Apache-2.0
// What the pass rewrites and what it leaves; that the numbers stay is held against ONNX Runtime.
#include "passes/fold_qdq.h"

#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"

namespace fettle::passes {
namespace {

std::unique_ptr<ir::Graph> graph_of(const std::string& text) {
  auto graph = ir::parse("graph \"g\" {" + text + "}");
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  return graph.ok() ? std::move(*graph) : std::make_unique<ir::Graph>();
}

const ir::Node* find(const ir::Graph& graph, const std::string& op) {
  for (const auto& n : graph.nodes()) {
    if (n->op == op) return n.get();
  }
  return nullptr;
}

const char kConv[] = R"(
  input %x : f32[1,1,4,4]
  const %s : f32[] = [0.5]
  const %z : u8[] = [130]
  const %ws : f32[2] = [0.25, 0.125]
  const %wz : i8[2] = [0, 0]
  const %w : i8[2,1,1,1] = [3, -4]
  const %b : f32[2] = [1.0, -2.0]
  const %ys : f32[] = [0.75]
  const %yz : u8[] = [0]
  %xq = QuantizeLinear(%x, %s, %z)
  %xr = DequantizeLinear(%xq, %s, %z)
  %wr = DequantizeLinear(%w, %ws, %wz) {axis = 0}
  %c = Conv "the conv"(%xr, %wr, %b)
  %r = Relu(%c)
  %yq = QuantizeLinear(%r, %ys, %yz)
  %y = DequantizeLinear(%yq, %ys, %yz)
  output %y
)";

TEST(FoldQdq, ConvolutionWithReluComputesOnCodes) {
  const auto graph = graph_of(kConv);
  EXPECT_EQ(fold_qdq(*graph), 1);
  EXPECT_TRUE(ir::verify(*graph).ok()) << ir::verify(*graph).to_string();
  const ir::Node* conv = find(*graph, "Conv");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->name, "the conv");
  EXPECT_EQ(conv->attrs.get_string("activation"), "relu");
  EXPECT_EQ(find(*graph, "Relu"), nullptr);
  // u8 with zero point 130 is i8 with 2.
  const Quantization x = {{0.5f}, {2}, 0}, y = {{0.75f}, {-128}, 0};
  ASSERT_TRUE(conv->inputs[0]->type.quant && conv->outputs[0]->type.quant);
  EXPECT_TRUE(*conv->inputs[0]->type.quant == x);
  EXPECT_TRUE(*conv->outputs[0]->type.quant == y);
  EXPECT_EQ(conv->inputs[1]->type.quant->axis, 0);
  // 1 / (0.5 * 0.25) and -2 / (0.5 * 0.125).
  EXPECT_EQ(to_int64(conv->inputs[2]->view()), (std::vector<int64_t>{8, -32}));
}

TEST(FoldQdq, FoldingAgainChangesNothing) {
  const auto graph = graph_of(kConv);
  fold_qdq(*graph);
  const std::string once = ir::print(*graph);
  fold_qdq(*graph);
  EXPECT_EQ(ir::print(*graph), once);
}

TEST(FoldQdq, UnsignedWeightsBecomeSigned) {
  std::string text = kConv;
  text.replace(text.find("const %wz : i8[2] = [0, 0]"), 26, "const %wz : u8[2] = [128, 128]");
  text.replace(text.find("const %w : i8[2,1,1,1] = [3, -4]"), 32,
               "const %w : u8[2,1,1,1] = [131, 124]");
  const auto graph = graph_of(text);
  EXPECT_EQ(fold_qdq(*graph), 1);
  EXPECT_EQ(to_int64(find(*graph, "Conv")->inputs[1]->view()), (std::vector<int64_t>{3, -4}));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

TEST(FoldQdq, WeightsMayHaveZeroPoints) {
  const auto graph =
      graph_of(replaced(kConv, "const %wz : i8[2] = [0, 0]", "const %wz : i8[2] = [0, 1]"));
  EXPECT_EQ(fold_qdq(*graph), 1);
  const Quantization w = {{0.25f, 0.125f}, {0, 1}, 0};
  EXPECT_TRUE(*find(*graph, "Conv")->inputs[1]->type.quant == w);
}

// Weights of 1e-17 and a bias of 1e-9 are 0, but 1e9 units of their own.
TEST(FoldQdq, DeadChannelsDoNotKeepFloats) {
  const auto of = [](const char* bias) {
    return graph_of(replaced(replaced(kConv, "[0.25, 0.125]", "[0.25, 1e-17]"),
                             "const %b : f32[2] = [1.0, -2.0]", bias));
  };
  const auto graph = of("const %b : f32[2] = [1.0, -1e-6]");
  EXPECT_EQ(fold_qdq(*graph), 1);
  EXPECT_EQ(to_int64(find(*graph, "Conv")->inputs[2]->view()),
            (std::vector<int64_t>{8, -(1 << 30)}));
  EXPECT_EQ(fold_qdq(*of("const %b : f32[2] = [1.0, -0.5]")), 0);  // it gives a code
}

// The same network with 16-bit activations, signed or with their zero at half the range.
TEST(FoldQdq, WideActivationsTakeWideBiases) {
  for (const bool is_signed : {true, false}) {
    std::string text = kConv;
    const std::string zero = is_signed ? "i16[] = [0]" : "u16[] = [32768]";
    text = replaced(text, "const %z : u8[] = [130]", "const %z : " + zero);
    text = replaced(text, "const %yz : u8[] = [0]", "const %yz : " + zero);
    for (const char* weights :
         {"const %w : i8[2,1,1,1] = [3, -4]", "const %w : i16[2,1,1,1] = [3000, -4]"}) {
      std::string with = replaced(text, "const %w : i8[2,1,1,1] = [3, -4]", weights);
      if (std::string(weights).find("i16") != std::string::npos) {
        with = replaced(with, "const %wz : i8", "const %wz : i16");
      }
      const auto graph = graph_of(with);
      EXPECT_EQ(fold_qdq(*graph), 1) << with;
      EXPECT_TRUE(ir::verify(*graph).ok()) << ir::verify(*graph).to_string();
      const ir::Node* conv = find(*graph, "Conv");
      ASSERT_NE(conv, nullptr);
      const Quantization x = {{0.5f}, {0}, 0}, y = {{0.75f}, {0}, 0};
      EXPECT_TRUE(*conv->inputs[0]->type.quant == x);
      EXPECT_TRUE(*conv->outputs[0]->type.quant == y);
      EXPECT_EQ(conv->inputs[2]->data->dtype(), DType::i64);
      EXPECT_EQ(to_int64(conv->inputs[2]->view()), (std::vector<int64_t>{8, -32}));
    }
  }
}

TEST(FoldQdq, LeavesAnotherWidthOrZeroPoint) {
  const std::string from_8_to_16 =
      replaced(kConv, "const %yz : u8[] = [0]", "const %yz : i16[] = [0]");
  EXPECT_EQ(fold_qdq(*graph_of(from_8_to_16)), 0);
  const std::string wide_weights_beside_narrow =
      replaced(replaced(kConv, "const %w : i8[2,1,1,1]", "const %w : i16[2,1,1,1]"),
               "const %wz : i8", "const %wz : i16");
  EXPECT_EQ(fold_qdq(*graph_of(wide_weights_beside_narrow)), 0);
  std::string affine = replaced(kConv, "const %z : u8[] = [130]", "const %z : u16[] = [7]");
  affine = replaced(affine, "const %yz : u8[] = [0]", "const %yz : u16[] = [7]");
  EXPECT_EQ(fold_qdq(*graph_of(affine)), 0);
}

TEST(FoldQdq, LeavesWhatIsNotAnIsland) {
  struct Change {
    const char *from, *to, *why;
  };
  const Change changes[] = {
      {"output %y", "output %y output %r", "the float result is wanted"},
      {"const %s : f32[] = [0.5]", "input %s : f32[]", "a scale that is not constant"},
      {"output %y", "output %y output %xq", "codes that leave the graph"},
  };
  for (const Change& c : changes) {
    std::string text = kConv;
    text.replace(text.find(c.from), std::string(c.from).size(), c.to);
    const auto graph = graph_of(text);
    EXPECT_EQ(fold_qdq(*graph), 0) << c.why;
    EXPECT_TRUE(ir::verify(*graph).ok()) << c.why;
  }
}

TEST(FoldQdq, WhatMovesCodesKeepsTheirRange) {
  const auto graph = graph_of(R"(
    input %x : f32[2,3]
    const %s : f32[] = [0.5]
    const %z : i8[] = [1]
    const %t : f32[] = [0.25]
    %q = QuantizeLinear(%x, %s, %z)
    %r = DequantizeLinear(%q, %s, %z)
    %m = Transpose(%r) {perm = [1, 0]}
    %p = QuantizeLinear(%m, %t, %z)
    %y = DequantizeLinear(%p, %t, %z)
    output %y
  )");
  EXPECT_EQ(fold_qdq(*graph), 1);
  const ir::Node* change = find(*graph, "Requantize");
  ASSERT_NE(change, nullptr);
  EXPECT_EQ(change->inputs[0]->type.quant->scale[0], 0.5f);
  EXPECT_EQ(change->outputs[0]->type.quant->scale[0], 0.25f);
}

// Each part is brought to its own range; one that is wanted as floats keeps both in floats.
TEST(FoldQdq, EveryPartOfASplitKeepsItsRange) {
  const std::string text = R"(
    input %x : f32[2,4]
    const %s : f32[] = [0.5]
    const %z : i8[] = [1]
    const %t : f32[] = [0.25]
    %q = QuantizeLinear(%x, %s, %z)
    %r = DequantizeLinear(%q, %s, %z)
    %a, %b = Split "parts"(%r) {axis = 1}
    %p = QuantizeLinear(%a, %s, %z)
    %o = QuantizeLinear(%b, %t, %z)
    %y = DequantizeLinear(%p, %s, %z)
    %w = DequantizeLinear(%o, %t, %z)
    output %y
    output %w
  )";
  const auto graph = graph_of(text);
  EXPECT_EQ(fold_qdq(*graph), 1);
  EXPECT_TRUE(ir::verify(*graph).ok()) << ir::verify(*graph).to_string();
  const ir::Node* split = find(*graph, "Split");
  ASSERT_NE(split, nullptr);
  EXPECT_EQ(split->name, "parts");
  ASSERT_TRUE(split->inputs[0]->type.quant && split->outputs[1]->type.quant);
  EXPECT_EQ(split->outputs[0]->uses[0].node->op, "DequantizeLinear");
  const ir::Node* change = find(*graph, "Requantize");
  ASSERT_NE(change, nullptr);
  EXPECT_EQ(change->inputs[0], split->outputs[1]);
  EXPECT_EQ(change->outputs[0]->type.quant->scale[0], 0.25f);
  EXPECT_EQ(fold_qdq(*graph_of(replaced(text, "output %w", "output %w output %b"))), 0);
}

}  // namespace
}  // namespace fettle::passes
