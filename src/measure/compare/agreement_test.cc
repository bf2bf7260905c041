// SPDX-License-Identifier: Apache-2.0
#include "measure/compare/agreement.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fettle::measure {
namespace {

std::vector<NamedTensor> one(const std::string& name, Tensor value) {
  std::vector<NamedTensor> list;
  list.push_back({name, std::move(value)});
  return list;
}

TEST(FitLayout, KeepsWhatFitsAndFreeExtents) {
  const Tensor t = Tensor::of<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6});
  for (const std::vector<int64_t>& slot :
       {std::vector<int64_t>{1, 2, 3}, {-1, 2, 3}, {-1, -1, -1}}) {
    const auto fitted = fit_layout(t, slot);
    ASSERT_TRUE(fitted.ok());
    EXPECT_EQ(fitted->raw(), t.raw());
  }
}

TEST(FitLayout, MovesChannels) {
  // Two channels over a 1x3 picture: 1 2 3 and 4 5 6.
  const Tensor first = Tensor::of<float>({1, 2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const std::vector<float> interleaved = {1, 4, 2, 5, 3, 6};
  const std::vector<int64_t> last_slot = {1, 1, 3, 2}, first_slot = {1, 2, 1, 3};
  const auto last = fit_layout(first, last_slot);
  ASSERT_TRUE(last.ok());
  EXPECT_TRUE(std::equal(interleaved.begin(), interleaved.end(), last->data<float>().begin()));
  const auto back = fit_layout(*last, first_slot);
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(std::equal(first.data<float>().begin(), first.data<float>().end(),
                         back->data<float>().begin()));
}

TEST(FitLayout, DropsAndAddsExtentsOfOneOnly) {
  const Tensor t = Tensor::of<float>({1, 6}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(fit_layout(t, std::vector<int64_t>{6}).ok());
  EXPECT_TRUE(fit_layout(t, std::vector<int64_t>{1, 1, 6, 1}).ok());
  const auto refused = fit_layout(t, std::vector<int64_t>{2, 3});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("2x3"), std::string::npos);
}

TEST(Agree, SignalToNoiseByHand) {
  // Signal 3*3 + 4*4 = 25, noise 0.5 * 0.5 = 0.25: 100 to 1, 20 dB.
  const auto reference = one("y", Tensor::of<float>({2}, {3, 4}));
  const auto outputs = one("y", Tensor::of<float>({1, 2}, {3, 4.5F}));
  const auto agreement = agree(reference, outputs);
  ASSERT_TRUE(agreement.ok());
  EXPECT_NEAR(*agreement->snr_db, 20, 1e-9);
  EXPECT_EQ(agreement->largest_difference, 0.5);
}

TEST(Agree, SameBitsHaveNoNoise) {
  const auto reference = one("y", Tensor::of<float>({3}, {1, NAN, INFINITY}));
  const auto agreement = agree(reference, reference);
  ASSERT_TRUE(agreement.ok());
  EXPECT_FALSE(agreement->snr_db);
  EXPECT_EQ(agreement->largest_difference, 0);
}

TEST(Agree, MatchesByNameBeforePlace) {
  std::vector<NamedTensor> a = one("p", Tensor::of<float>({1}, {1}));
  a.push_back({"q", Tensor::of<float>({1}, {2})});
  std::vector<NamedTensor> swapped = {a[1], a[0]};
  EXPECT_FALSE(agree(a, swapped)->snr_db);
  swapped[0].name = swapped[1].name = "unnamed";
  EXPECT_TRUE(agree(a, swapped)->snr_db);  // by place: they differ
}

TEST(Agree, MatchesByExtentsWhereThePlaceDoesNotFit) {
  std::vector<NamedTensor> a = one("p", Tensor::of<float>({2}, {1, 2}));
  a.push_back({"q", Tensor::of<float>({3}, {3, 4, 5})});
  const std::vector<NamedTensor> swapped = {{"out0", a[1].value}, {"out1", a[0].value}};
  const auto agreement = agree(a, swapped);
  ASSERT_TRUE(agreement.ok());
  EXPECT_FALSE(agreement->snr_db);
}

TEST(Agree, RefusesWhatCannotBeCompared) {
  const auto reference = one("y", Tensor::of<float>({2}, {1, 2}));
  EXPECT_FALSE(agree(reference, {}).ok());
  EXPECT_FALSE(agree(reference, one("y", Tensor::of<float>({3}, {1, 2, 3}))).ok());
  EXPECT_FALSE(agree(reference, one("y", Tensor::of<float>({2}, {1, NAN}))).ok());
}

}  // namespace
}  // namespace fettle::measure
