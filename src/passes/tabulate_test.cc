// SPDX-License-Identifier: Apache-2.0
//
// Functions by table against the same in double: every code of 8 bits rounded right, every code of
// 16 bits within one step of what it and its neighbours give.
#include "passes/tabulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/wide_table.h"

namespace fettle::passes {
namespace {

using Function = double (*)(double);

// The Lookup that stands for `op` on codes of `x`, made in `graph`.
ir::Node* look_up(ir::Graph& graph, const char* op, DType type, const Quantization& x,
                  const Quantization& y) {
  ir::Value* in =
      graph.add_input("x", type, std::vector<int64_t>{1}, std::make_shared<Quantization>(x));
  in->type.dtype = type;
  in->type.dims = {1};
  ir::Node* node = graph.add_node(op, {in}, 1);
  node->outputs[0]->type.quant = std::make_shared<Quantization>(y);
  graph.add_output(node->outputs[0]);
  auto lookup = look_up_instead(graph, node, *ops::find(op));
  EXPECT_TRUE(lookup.ok()) << lookup.status().to_string();
  return lookup.ok() ? *lookup : nullptr;
}

double exact_code(Function f, double x, const Quantization& q, double low, double high) {
  const double code = f(x) / static_cast<double>(q.scale[0]) + q.zero_point[0];
  return std::clamp(code, low, high);
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double swish(double x) { return x / (1 + std::exp(-x)); }
double hard_swish(double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }
double relu(double x) { return std::max(x, 0.0); }
double hyperbolic(double x) { return std::tanh(x); }
double exponential(double x) { return std::exp(x); }

void check_wide(const char* op, Function f, float x_scale, float y_scale, int64_t most_entries,
                bool rises = true) {
  SCOPED_TRACE(std::string(op) + " of steps " + std::to_string(x_scale));
  ir::Graph graph;
  const Quantization x{{x_scale}, {0}, 0}, y{{y_scale}, {0}, 0};
  const ir::Node* node = look_up(graph, op, DType::i16, x, y);
  ASSERT_NE(node, nullptr);
  const Tensor& table = *node->inputs[1]->data;
  EXPECT_LE(table.dims()[0], most_entries);
  const WideTable form = WideTable::of(table.dims());
  ASSERT_GE(form.shift, 0);
  int before = -32768;
  for (int code = -32768; code <= 32767; ++code) {
    const auto exact = [&](int c) {
      return exact_code(f, static_cast<double>(x_scale) * c, y, -32768, 32767);
    };
    const int got = form.look_up(table.data<int16_t>().data(), static_cast<int16_t>(code));
    // One step from the rounded one; of lines, from a neighbour's.
    const int near = form.curves ? 0 : 1;
    const auto [least, most] = std::minmax({exact(code - near), exact(code), exact(code + near)});
    ASSERT_GE(got, least - 1.51) << "code " << code;
    ASSERT_LE(got, most + 1.51) << "code " << code;
    if (rises) {
      ASSERT_GE(got, before) << "code " << code;
    }
    before = got;
  }
}

TEST(Tabulate, WideFunctionsAreWithinOneStep) {
  for (const float range : {0.9f, 7.3f, 41.0f}) {
    const float step = range / 32767;
    check_wide("Sigmoid", sigmoid, step, 1.0f / 32768, 256);
    check_wide("Tanh", hyperbolic, step, 1.0f / 32768, range < 10 ? 128 : 2049);
    check_wide("Swish", swish, step, std::max(range, 0.3f) / 32767, 128, false);
    // The result has a narrower range than the operand: it is held at the end.
    check_wide("Swish", swish, step, std::max(range * 0.9f, 0.3f) / 32767, 256, false);
    check_wide("HardSwish", hard_swish, step, std::max(range, 0.375f) / 32767, 16385, false);
    check_wide("Relu", relu, step, step, 513);  // its corner is an entry
    check_wide("Exp", exponential, step, std::exp(range) / 32767, 2049);
  }
}

TEST(Tabulate, NarrowFunctionsAreRounded) {
  const Quantization x{{0.05f}, {-20}, 0}, y{{1.0f / 256}, {-128}, 0};
  ir::Graph graph;
  const ir::Node* node = look_up(graph, "Sigmoid", DType::i8, x, y);
  ASSERT_NE(node, nullptr);
  ASSERT_EQ(node->inputs[1]->data->elements(), 256);
  for (int code = -128; code <= 127; ++code) {
    const double real = static_cast<double>(0.05f) * (code + 20);
    const int got = node->inputs[1]->data->data<int8_t>()[static_cast<size_t>(code + 128)];
    ASSERT_NEAR(got, exact_code(sigmoid, real, y, -128, 127), 0.5001) << "code " << code;
  }
}

TEST(Tabulate, LeavesFunctionsOfMore) {
  ir::Graph graph;
  const auto quant = std::make_shared<Quantization>(Quantization{{0.05f}, {0}, 0});
  ir::Value* in = graph.add_input("x", DType::i8, std::vector<int64_t>{1}, quant);
  in->type = {DType::i8, false, {1}, quant};
  ir::Value* low = graph.add_input("low", DType::f32, std::vector<int64_t>{});
  low->type.dtype = DType::f32;
  ir::Node* clip = graph.add_node("Clip", {in, low}, 1);
  clip->outputs[0]->type.quant = quant;
  const auto lookup = look_up_instead(graph, clip, *ops::find("Clip"));
  ASSERT_TRUE(lookup.ok());
  EXPECT_EQ(*lookup, nullptr);
}

}  // namespace
}  // namespace fettle::passes
