// SPDX-License-Identifier: Apache-2.0
#include "ops/slice/slice.h"

#include <gtest/gtest.h>

#include <limits>

#include "ops/evaluate.h"

namespace fettle::ops {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

struct Example {
  int64_t start, end, step;
  std::vector<int32_t> expected;  // of [0, 1, 2, 3, 4, 5][start:end:step] in Python
};

TEST(Slice, CountsAsPythonDoes) {
  const Tensor x = Tensor::of<int32_t>({6}, {0, 1, 2, 3, 4, 5});
  const Example examples[] = {{1, 4, 1, {1, 2, 3}},    {-3, kMax, 1, {3, 4, 5}},
                              {kMin, kMax, 4, {0, 4}}, {kMax, kMin, -1, {5, 4, 3, 2, 1, 0}},
                              {4, 1, -2, {4, 2}},      {-1, -7, -5, {5, 0}},
                              {4, 4, 1, {}},           {9, 12, 1, {}},
                              {0, 6, kMax, {0}},       {5, kMin, kMin, {5}},
                              {2, 5, -1, {}}};
  for (const Example& e : examples) {
    const Tensor inputs[] = {x, Tensor::of<int64_t>({1}, {e.start}),
                             Tensor::of<int64_t>({1}, {e.end}), Tensor::of<int64_t>({1}, {0}),
                             Tensor::of<int64_t>({1}, {e.step})};
    std::vector<TensorView> views;
    for (const Tensor& t : inputs) views.push_back(t.view());
    const auto out = evaluate(*find("Slice"), {}, views, 1);
    ASSERT_TRUE(out.ok()) << out.status().to_string();
    const auto data = (*out)[0].data<int32_t>();
    EXPECT_EQ(std::vector<int32_t>(data.begin(), data.end()), e.expected)
        << e.start << ":" << e.end << ":" << e.step;
  }
}

TEST(Slice, RefusesWhatItCannotDo) {
  const Tensor x(DType::f32, {2, 3}),
      one = Tensor::of<int64_t>({1}, {1}), zero = Tensor::of<int64_t>({1}, {0}),
      far = Tensor::of<int64_t>({1}, {2}), two = Tensor::of<int64_t>({2}, {0, 1}),
      real = Tensor::of<float>({1}, {1});
  const auto fails = [&](std::vector<Tensor> inputs) {
    std::vector<TensorView> views;
    for (const Tensor& t : inputs) views.push_back(t.view());
    return !evaluate(*find("Slice"), {}, views, 1).ok();
  };
  EXPECT_FALSE(fails({x, zero, one, one, one}));
  EXPECT_TRUE(fails({x, zero, one, one, zero}));  // step 0
  EXPECT_TRUE(fails({x, zero, one, far, one}));   // no such axis
  EXPECT_TRUE(fails({x, two, one, one, one}));    // lengths differ
  EXPECT_TRUE(fails({x, real, one, one, one}));   // not integers
}

}  // namespace
}  // namespace fettle::ops
