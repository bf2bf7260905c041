// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a graph of operators of every rule, and that its codes stand for what the float
// graph computes.
#include "quantize/post_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "ir/text.h"
#include "lower/lower.h"
#include "ops/op.h"
#include "runtime/session.h"

namespace fettle::quantize {
namespace {

const char kNet[] = R"(
  input %x : f32[1,2,6,6]
  const %w : f32[3,2,1,1] = [0.5, -0.25, 1.0, 0.75, -0.5, 0.125]
  const %b : f32[3] = [0.1, -0.2, 0.3]
  const %pads : i64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
  const %value : f32[] = [-0.4]
  const %low : f32[] = [-0.3]
  const %high : f32[] = [0.9]
  const %step : f32[] = [0.5]
  const %parts : i64[2] = [3, 5]
  %c = Conv(%x, %w, %b)
  %h = HardSwish(%c)
  %p = Pad(%h, %pads, %value)
  %l = Clip(%p, %low, %high)
  %s = Sigmoid(%l)
  %a = Add(%l, %s)
  %u, %v = Split(%a, %parts) {axis = 2}
  %j = Concat(%v, %u) {axis = 2}
  %m = Mul(%j, %step)
  %y = MaxPool(%m) {kernel_shape = [2, 2]}
  output %y
)";

std::unique_ptr<ir::Graph> net() {
  auto graph = ir::parse(std::string("graph \"g\" {") + kNet + "}");
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  return std::move(*graph);
}

Tensor sample_of(int64_t i) {
  Tensor x(DType::f32, {1, 2, 6, 6});
  std::mt19937 random(static_cast<uint32_t>(i));
  for (float& v : x.mutable_data<float>()) {
    v = static_cast<float>(random() % 4001) / 1000 - 2;
  }
  return x;
}

std::vector<float> run(const ir::Graph& graph, const Tensor& x) {
  auto plan = lower::lower(graph);
  EXPECT_TRUE(plan.ok()) << plan.status().to_string();
  auto session = runtime::Session::load(std::make_shared<const plan::Plan>(std::move(*plan)),
                                        ops::find_portable);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  EXPECT_TRUE((*session)->set_input(0, x.view()).ok());
  EXPECT_TRUE((*session)->run().ok());
  return to_float((*session)->output(0));
}

// `off`: what may be lost at any element, of results between 0 and 1.
void expect_codes(Scheme scheme, DType type, double off) {
  const auto reals = net(), codes = net();
  const auto sample = [](int64_t i, const TensorView&) -> Result<std::optional<Tensor>> {
    return i < 20 ? std::optional(sample_of(i)) : std::nullopt;
  };
  ASSERT_TRUE(passes::bind_shapes(*reals, {}).ok());
  const auto report = post_training(*codes, scheme, {}, {}, sample, 1);
  ASSERT_TRUE(report.ok()) << report.status().to_string();
  for (const std::string& why : report->kept_float) {
    EXPECT_EQ(why.substr(0, 9), "Transpose") << why;  // the input's, before it becomes codes
  }
  for (const auto& node : codes->nodes()) {
    if (node->op == "Lookup" || node->op == "Conv" || node->op == "Add" || node->op == "Pad" ||
        node->op == "Split" || node->op == "HardSwish") {
      EXPECT_EQ(node->outputs[0]->type.dtype, type) << node->op;
    }
    if (scheme == Scheme::int8) {
      EXPECT_NE(node->op, "HardSwish");
    }
    EXPECT_NE(node->op, "Sigmoid");
  }
  for (int64_t i = 0; i < 20; ++i) {
    const std::vector<float> want = run(*reals, sample_of(i)), got = run(*codes, sample_of(i));
    ASSERT_EQ(want.size(), got.size());
    for (size_t k = 0; k < want.size(); ++k) ASSERT_NEAR(want[k], got[k], off) << i << " " << k;
  }
}

TEST(PostTraining, EveryRuleInInt8) { expect_codes(Scheme::int8, DType::i8, 0.05); }
TEST(PostTraining, EveryRuleInInt16) { expect_codes(Scheme::int16, DType::i16, 0.02); }

}  // namespace
}  // namespace fettle::quantize
