// SPDX-License-Identifier: Apache-2.0
#include "ops/strided_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace fettle::ops {
namespace {

// One element at a time, by its coordinates.
template <class T>
void copy_naively(const T* src, T* dst, const std::vector<CopyAxis>& axes, size_t axis = 0) {
  if (axis == axes.size()) {
    *dst = *src;
    return;
  }
  for (int64_t i = 0; i < axes[axis].extent; ++i) {
    copy_naively(src + i * axes[axis].src_step, dst + i * axes[axis].dst_step, axes, axis + 1);
  }
}

template <class T>
void compare_random_blocks(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](int n) {
    return static_cast<int64_t>(random() % static_cast<unsigned>(n));
  };
  for (int round = 0; round < 200; ++round) {
    // The destination is dense in a random order of the axes, the source steps as it likes.
    const auto rank = static_cast<size_t>(below(5));
    std::vector<CopyAxis> axes(rank);
    int64_t dst_size = 1, src_low = 0, src_high = 0;
    for (CopyAxis& a : axes) {
      a.extent = below(20) == 0 ? 0 : 1 + below(19);
      a.src_step = below(9) - 4;
      a.dst_step = dst_size;
      dst_size *= std::max<int64_t>(1, a.extent);
      const int64_t reach = a.src_step * std::max<int64_t>(0, a.extent - 1);
      (reach < 0 ? src_low : src_high) += reach;
    }
    std::shuffle(axes.begin(), axes.end(), random);
    std::vector<T> src(static_cast<size_t>(src_high - src_low + 1));
    for (T& v : src) v = static_cast<T>(random());
    std::vector<T> got(static_cast<size_t>(dst_size), T(7)), expected = got;
    copy_naively(src.data() - src_low, expected.data(), axes);
    copy_strided(sizeof(T), src.data() - src_low, got.data(), axes);
    ASSERT_EQ(got, expected) << "round " << round;
  }
}

TEST(StridedCopy, MatchesElementByElement) {
  compare_random_blocks<uint8_t>(1);
  compare_random_blocks<uint16_t>(2);
  compare_random_blocks<uint32_t>(3);
  compare_random_blocks<uint64_t>(4);
}

}  // namespace
}  // namespace fettle::ops
