// SPDX-License-Identifier: Apache-2.0
// What the pass rewrites and what it leaves; that the numbers stay is held against ONNX Runtime.
#include "passes/expand_qlinear.h"

#include <gtest/gtest.h>

#include "ir/text.h"
#include "ir/verify.h"
#include "passes/fold_qdq.h"

namespace fettle::passes {
namespace {

const std::string kConv = R"(
  input %x : f32[1,1,4,4]
  const %s : f32[] = [0.5]
  const %z : u8[] = [130]
  const %w : u8[2,1,1,1] = [3, 200]
  const %ws : f32[2] = [0.25, 0.125]
  const %wz : u8[2] = [128, 7]
  const %b : i32[2] = [8, -32]
  const %ys : f32[] = [0.75]
  const %yz : u8[] = [0]
  %xq = QuantizeLinear(%x, %s, %z)
  %c = QLinearConv "the conv"(%xq, %s, %z, %w, %ws, %wz, %ys, %yz, %b)
  %m = MaxPool(%c) {kernel_shape = [2, 2]}
  %y = DequantizeLinear(%m, %ys, %yz)
  output %y
)";

std::unique_ptr<ir::Graph> graph_of(const std::string& text) {
  auto graph = ir::parse("graph \"g\" {" + text + "}");
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  return graph.ok() ? std::move(*graph) : std::make_unique<ir::Graph>();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

const ir::Node* find(const ir::Graph& graph, const std::string& op) {
  for (const auto& n : graph.nodes()) {
    if (n->op == op) return n.get();
  }
  return nullptr;
}

TEST(ExpandQlinear, ConvolutionAndPoolComputeOnCodes) {
  const auto graph = graph_of(kConv);
  EXPECT_EQ(expand_qlinear(*graph), 2);
  EXPECT_EQ(fold_qdq(*graph), 2);
  EXPECT_TRUE(ir::verify(*graph).ok()) << ir::verify(*graph).to_string();
  const ir::Node* conv = find(*graph, "Conv");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->name, "the conv");
  // Unsigned codes become signed ones, less 128, and so do their zero points.
  const Quantization w = {{0.25f, 0.125f}, {0, -121}, 0}, y = {{0.75f}, {-128}, 0};
  EXPECT_EQ(to_int64(conv->inputs[1]->view()), (std::vector<int64_t>{-125, 72}));
  EXPECT_TRUE(*conv->inputs[1]->type.quant == w);
  EXPECT_EQ(to_int64(conv->inputs[2]->view()), (std::vector<int64_t>{8, -32}));
  EXPECT_TRUE(*conv->outputs[0]->type.quant == y);
  const ir::Node* pool = find(*graph, "MaxPool");
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->inputs[0], conv->outputs[0]);
}

TEST(ExpandQlinear, MatrixProduct) {
  const auto graph = graph_of(R"(
    input %x : f32[2,3]
    const %s : f32[] = [0.5]
    const %z : i8[] = [3]
    const %w : i8[3,2] = [1, 2, 3, 4, 5, 6]
    const %ws : f32[2] = [0.25, 0.125]
    const %wz : i8[2] = [0, 1]
    %xq = QuantizeLinear(%x, %s, %z)
    %m = QLinearMatMul(%xq, %s, %z, %w, %ws, %wz, %s, %z)
    %y = DequantizeLinear(%m, %s, %z)
    output %y
  )");
  EXPECT_EQ(expand_qlinear(*graph), 1);
  EXPECT_EQ(fold_qdq(*graph), 1);
  EXPECT_NE(find(*graph, "MatMul"), nullptr);
}

TEST(ExpandQlinear, LeavesWhatHasNoIntegerForm) {
  struct Change {
    const char *from, *to, *why;
  };
  const Change changes[] = {
      {"%xq = QuantizeLinear(%x, %s, %z)", "%xq = QuantizeLinear(%x, %ys, %z)", "another range"},
      {"const %w : u8[2,1,1,1] = [3, 200]", "input %w : u8[2,1,1,1]", "weights not constant"},
      {"const %ys : f32[] = [0.75]", "input %ys : f32[]", "a scale that is not constant"},
      {"const %b : i32[2] = [8, -32]", "input %b : i32[2]", "a bias that is not constant"},
      {"const %yz : u8[] = [0]", "const %yz : i8[] = [0]", "another type of codes"},
  };
  for (const Change& c : changes) {
    const auto graph = graph_of(replaced(kConv, c.from, c.to));
    expand_qlinear(*graph);
    fold_qdq(*graph);
    EXPECT_NE(find(*graph, "QLinearConv"), nullptr) << c.why;
    EXPECT_TRUE(ir::verify(*graph).ok()) << c.why;
  }
}

}  // namespace
}  // namespace fettle::passes
