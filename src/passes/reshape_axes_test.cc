// SPDX-License-Identifier: Apache-2.0
//
// Hand-worked cases, and random ones by following every element both ways.
#include "passes/reshape_axes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace fettle::passes {
namespace {

using I = std::vector<int64_t>;

// The elements of a tensor of `dims` in the order that a transpose gives them.
I transposed(const I& x, const I& dims, const I& perm) {
  I steps(dims.size(), 1), at(dims.size(), 0), y;
  for (size_t i = dims.size(); i-- > 1;) steps[i - 1] = steps[i] * dims[i];
  for (size_t n = 0; n < x.size(); ++n) {
    int64_t from = 0;
    for (size_t i = 0; i < perm.size(); ++i) from += at[i] * steps[perm[i]];
    y.push_back(x[from]);
    for (size_t i = perm.size(); i-- > 0;) {
      if (++at[i] < dims[perm[i]]) break;
      at[i] = 0;
    }
  }
  return y;
}

Dims as_dims(const I& extents) { return Dims(extents.begin(), extents.end()); }

I permuted(const I& dims, const I& perm) {
  I out;
  for (int64_t p : perm) out.push_back(dims[p]);
  return out;
}

// x of extents `dims`, transposed and reshaped, is what the moved form makes of it.
void check_same(const I& dims, const I& perm, const I& to, const MovedReshape& moved) {
  I x(as_dims(dims).elements());
  std::iota(x.begin(), x.end(), 0);
  EXPECT_EQ(permuted(moved.shape, moved.after), to);
  EXPECT_EQ(as_dims(moved.factors).elements(), as_dims(dims).elements());
  const I inner = transposed(x, moved.factors, moved.inner);
  EXPECT_EQ(transposed(inner, moved.shape, moved.after), transposed(x, dims, perm));
}

TEST(MoveReshape, HandWorked) {
  // A shuffle's last step: channels in two halves, written in turn.
  const auto shuffle = move_reshape(I{0, 4, 3, 1, 2}, {1, 29, 2, 7, 5}, {1, 58, 7, 5});
  ASSERT_TRUE(shuffle);
  EXPECT_EQ(shuffle->factors, (I{7, 5, 2, 29}));
  EXPECT_EQ(shuffle->inner, (I{0, 1, 3, 2}));
  EXPECT_EQ(shuffle->shape, (I{1, 7, 5, 58}));
  EXPECT_EQ(shuffle->after, (I{0, 3, 1, 2}));
  // One axis split, two merged.
  const auto both = move_reshape(I{0, 3, 1, 2}, {1, 48, 44, 44}, {24, 2, 1936});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->inner, (I{0, 1, 2, 3}));
  EXPECT_EQ(both->shape, (I{1936, 24, 2}));
  EXPECT_EQ(both->after, (I{1, 2, 0}));
  // Heads merged with what lies between them in x; nothing that both shapes are made of.
  EXPECT_FALSE(move_reshape(I{0, 2, 1, 3}, {1, 9, 4, 16}, {1, 9, 64}));
  EXPECT_FALSE(move_reshape(I{1, 0}, {4, 6}, {6, 4}));
  EXPECT_FALSE(move_reshape(I{1, 0}, {4, 0}, {0, 2}));
}

// Two shapes of the same factors, each with neighbours merged at random and 1s between.
I merged(const I& factors, std::mt19937* random) {
  I out;
  for (int64_t f : factors) {
    if (out.size() < 5 && (*random)() % 4 == 0) out.push_back(1);
    if (!out.empty() && (out.size() > 5 || (*random)() % 2 == 0)) {
      out.back() *= f;
    } else {
      out.push_back(f);
    }
  }
  return out;
}

TEST(MoveReshape, RandomShapes) {
  std::mt19937 random(7);
  int moved_count = 0, inner_count = 0;
  for (int i = 0; i < 3000; ++i) {
    I factors(1 + random() % 5);
    for (int64_t& f : factors) f = 2 + static_cast<int64_t>(random() % 3);
    const I from = merged(factors, &random), to = merged(factors, &random);
    I perm(from.size());
    std::iota(perm.begin(), perm.end(), 0);
    std::shuffle(perm.begin(), perm.end(), random);
    I x(from.size());
    for (size_t a = 0; a < perm.size(); ++a) x[perm[a]] = from[a];
    const auto moved = move_reshape(perm, as_dims(from), as_dims(to));
    if (!moved) continue;
    SCOPED_TRACE(as_dims(from).to_string() + " to " + as_dims(to).to_string());
    check_same(x, perm, to, *moved);
    ++moved_count;
    inner_count += !std::is_sorted(moved->inner.begin(), moved->inner.end());
  }
  EXPECT_GT(moved_count, 1000);
  EXPECT_GT(inner_count, 100);
}

}  // namespace
}  // namespace fettle::passes
