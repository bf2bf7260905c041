// SPDX-License-Identifier: Apache-2.0
#include "base/dims.h"

#include <gtest/gtest.h>

namespace fettle {
namespace {

TEST(Dims, ValidMeansThatNoProductOverflows) {
  constexpr int64_t kHuge = int64_t{1} << 40;
  EXPECT_TRUE((Dims{}).valid());
  EXPECT_TRUE((Dims{kMaxElements}).valid());
  EXPECT_TRUE((Dims{0, 3, kMaxElements / 3}).valid());
  EXPECT_FALSE((Dims{kMaxElements, 2}).valid());
  EXPECT_FALSE((Dims{-1, 2}).valid());
  EXPECT_FALSE((Dims{0, kHuge, kHuge}).valid());  // the product of the last two alone
  EXPECT_FALSE((Dims{kHuge, kHuge, 0}).valid());
}

}  // namespace
}  // namespace fettle
