// SPDX-License-Identifier: Apache-2.0
//
// The rules that read files meet nodes with whatever operands a file lists: absent, of unknown
// type, too few, too many, constants where activations belong. Every rule gets all such nodes of up
// to four inputs; what it makes of them is checked elsewhere, that it survives is checked here.
#include <gtest/gtest.h>

#include "ir/graph.h"
#include "ops/op.h"

namespace fettle::ops {
namespace {

constexpr int kKinds = 5, kMostInputs = 4;

ir::Value* make_input(ir::Graph& graph, int kind) {
  switch (kind) {
    case 0:
      return nullptr;
    case 1:
      return graph.add_value("unknown");
    case 2:
      return graph.add_input("x", DType::f32, {1, 4, 4, 2});
    case 3:
      return graph.add_constant("i", Tensor::of<int32_t>({1}, {-1}));
    default:
      return graph.add_constant("l", Tensor::of<int64_t>({2}, {INT64_MAX, INT64_MIN}));
  }
}

// `shape`: the kinds of the inputs, a digit to the base of kKinds each.
ir::Node* make_node(ir::Graph& graph, std::string_view op, int inputs, int shape, int outputs) {
  std::vector<ir::Value*> in;
  for (int i = 0; i < inputs; ++i, shape /= kKinds) in.push_back(make_input(graph, shape % kKinds));
  return graph.add_node(std::string(op), in, outputs);
}

template <class Read>
void read_all(const OpDef& op, std::string_view name, Read read) {
  for (int inputs = 0, shapes = 1; inputs <= kMostInputs; ++inputs, shapes *= kKinds) {
    for (int shape = 0; shape < shapes; ++shape) {
      ir::Graph graph;
      ir::Node* node = make_node(graph, name, inputs, shape, shape % 2 + 1);
      if (check_before_rule(op, *node).ok()) (void)read(graph, node).ok();
    }
  }
}

TEST(Rules, OfTfliteSurviveAnyOperands) {
  int rules = 0;
  for (const OpDef* op : all()) {
    if (!op->tflite.applies()) continue;
    for (const TfliteRule& rule : op->tflite.get()) {
      SCOPED_TRACE(rule.name);
      if (rule.from == nullptr) continue;
      ++rules;
      read_all(*op, rule.name, rule.from);
    }
  }
  EXPECT_GT(rules, 30);
}

TEST(Rules, OfOnnxSurviveAnyOperands) {
  int rules = 0;
  for (const OpDef* op : all()) {
    if (!op->onnx.applies()) continue;
    for (const OnnxRule& rule : op->onnx.get()) {
      SCOPED_TRACE(rule.name);
      if (rule.from == nullptr) continue;
      ++rules;
      for (int opset : {1, 10, 21}) {
        read_all(*op, rule.name, [&](ir::Graph& g, ir::Node* n) { return rule.from(g, n, opset); });
      }
    }
  }
  EXPECT_GT(rules, 30);
}

TEST(Rules, NeedTheirFirstInputAndAnOutput) {
  const OpDef* op = nullptr;
  ASSERT_NE(find_tflite_rule("CONV_2D", &op), nullptr);
  ir::Graph graph;
  EXPECT_FALSE(check_before_rule(*op, *graph.add_node("CONV_2D", {}, 1)).ok());
  EXPECT_FALSE(check_before_rule(*op, *graph.add_node("CONV_2D", {nullptr}, 1)).ok());
  ir::Value* x = graph.add_value("x");
  EXPECT_FALSE(check_before_rule(*op, *graph.add_node("CONV_2D", {x}, 0)).ok());
  EXPECT_TRUE(check_before_rule(*op, *graph.add_node("CONV_2D", {x}, 1)).ok());
}

}  // namespace
}  // namespace fettle::ops
