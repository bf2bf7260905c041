// SPDX-License-Identifier: Apache-2.0
// Indices are data: one outside the tensor has to come back as an error, not as memory.
#include <gtest/gtest.h>

#include <limits>

#include "ops/evaluate.h"

namespace fettle::ops {
namespace {

bool runs(std::string_view op, const Attributes& attrs, const std::vector<Tensor>& inputs) {
  std::vector<TensorView> views;
  for (const Tensor& t : inputs) views.push_back(t.view());
  return evaluate(*find(op), attrs, views, 1).ok();
}

TEST(Gather, RefusesIndicesOutside) {
  const Tensor x(DType::f32, {3, 4}), u(DType::f32, {1, 1}), row(DType::f32, {1, 4});
  for (const int64_t bad : {int64_t{3}, int64_t{-4}, std::numeric_limits<int64_t>::min(),
                            std::numeric_limits<int64_t>::max()}) {
    const Tensor i = Tensor::of<int64_t>({1, 1}, {bad});
    EXPECT_FALSE(runs("Gather", {}, {x, i}));
    EXPECT_FALSE(runs("GatherElements", {}, {x, i}));
    EXPECT_FALSE(runs("GatherND", {}, {x, i}));
    EXPECT_FALSE(runs("ScatterElements", {}, {x, i, u}));
    EXPECT_FALSE(runs("ScatterND", {}, {x, i, row}));
  }
  for (const int64_t good : {0, 2, -3}) {
    const Tensor i = Tensor::of<int64_t>({1, 1}, {good});
    EXPECT_TRUE(runs("Gather", {}, {x, i}));
    EXPECT_TRUE(runs("GatherElements", {}, {x, i}));
    EXPECT_TRUE(runs("GatherND", {}, {x, i}));
    EXPECT_TRUE(runs("ScatterElements", {}, {x, i, u}));
    EXPECT_TRUE(runs("ScatterND", {}, {x, i, row}));
  }
}

TEST(Gather, RefusesShapesThatDoNotFit) {
  const Tensor x(DType::f32, {3, 4}), scalar(DType::f32, {}), i(DType::i64, {1, 1});
  EXPECT_FALSE(runs("Gather", {}, {scalar, i}));
  EXPECT_FALSE(runs("Gather", {{"axis", int64_t{2}}}, {x, i}));
  EXPECT_FALSE(runs("Gather", {{"batch_dims", int64_t{1}}}, {x, i}));
  EXPECT_FALSE(runs("GatherElements", {}, {x, Tensor(DType::i64, {1})}));
  EXPECT_FALSE(runs("GatherElements", {}, {x, Tensor(DType::i64, {1, 5})}));
  EXPECT_FALSE(runs("GatherND", {}, {x, Tensor(DType::i64, {1, 3})}));
  EXPECT_FALSE(runs("GatherND", {{"batch_dims", int64_t{5}}}, {x, i}));
  EXPECT_FALSE(runs("ScatterElements", {}, {x, i, Tensor(DType::f32, {1, 2})}));
  EXPECT_FALSE(runs("ScatterND", {}, {x, i, Tensor(DType::f32, {1, 3})}));
  EXPECT_FALSE(runs("ScatterND", {}, {x, i, Tensor(DType::f64, {1, 4})}));
}

}  // namespace
}  // namespace fettle::ops
