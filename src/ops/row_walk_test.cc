// SPDX-License-Identifier: Apache-2.0
#include "ops/row_walk.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "ops/shapes.h"

namespace fettle::ops {
namespace {

// Where element `k` of `out` finds its operand, by coordinates.
int64_t source_of(int64_t k, const Dims& out, const Dims& operand) {
  const Strides strides = broadcast_strides(operand, out);
  int64_t at = 0;
  for (int i = out.rank() - 1; i >= 0; --i) {
    at += k % out[i] * strides.step[i];
    k /= out[i];
  }
  return at;
}

TEST(RowWalk, VisitsEveryElementWithItsOperands) {
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    Dims out, a, b;
    const int rank = static_cast<int>(random() % 5);
    const int first_a = rank ? static_cast<int>(random() % static_cast<unsigned>(rank)) : 0;
    for (int i = 0; i < rank; ++i) {
      const int64_t e = random() % 12 == 0 ? 0 : 1 + static_cast<int64_t>(random() % 4);
      out.push_back(e);
      if (i >= first_a) a.push_back(random() % 3 ? e : 1);
      b.push_back(random() % 3 ? e : 1);
    }
    std::vector<int64_t> from_a, from_b;
    int64_t length = -1;
    for (RowWalk w(out, {&a, &b}); !w.done(); w.next()) {
      ASSERT_EQ(w.out_at(), static_cast<int64_t>(from_a.size()));
      if (length < 0) length = w.length();
      ASSERT_EQ(w.length(), length);
      for (int64_t i = 0; i < w.length(); ++i) {
        ASSERT_TRUE(w.step(0) == 0 || w.step(0) == 1);
        from_a.push_back(w.at(0) + i * w.step(0));
        from_b.push_back(w.at(1) + i * w.step(1));
      }
    }
    ASSERT_EQ(static_cast<int64_t>(from_a.size()), out.elements());
    for (size_t k = 0; k < from_a.size(); ++k) {
      ASSERT_EQ(from_a[k], source_of(static_cast<int64_t>(k), out, a));
      ASSERT_EQ(from_b[k], source_of(static_cast<int64_t>(k), out, b));
    }
  }
}

TEST(RowWalk, MergesAxesThatContinueEachOther) {
  const Dims out{2, 3, 4, 5}, channels{3, 1, 1}, scalar;
  RowWalk same(out, {&out, &scalar});
  EXPECT_EQ(same.length(), 120);
  RowWalk by_channel(out, {&out, &channels});
  EXPECT_EQ(by_channel.length(), 20);
}

}  // namespace
}  // namespace fettle::ops
