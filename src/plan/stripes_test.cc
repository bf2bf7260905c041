// SPDX-License-Identifier: Apache-2.0
//
// Schedules worked out by hand, and chains that validate() refuses.
#include "plan/stripes.h"

#include <gtest/gtest.h>

namespace fettle::plan {
namespace {

// Steps of one input and one output over tensors [1, H, 4, 8] of the given heights, all but the
// first and the last striped.
Plan chain_of(const std::vector<int64_t>& heights, int32_t stripe_rows) {
  Plan plan;
  for (size_t i = 0; i < heights.size(); ++i) {
    PlanTensor t;
    t.name = "t" + std::to_string(i);
    t.dtype = DType::i8;
    t.dims = {1, heights[i], 4, 8};
    t.striped = i > 0 && i + 1 < heights.size();
    plan.tensors.push_back(std::move(t));
  }
  for (size_t i = 0; i + 1 < heights.size(); ++i) {
    Step s;
    s.op = "Op";
    s.name = "s" + std::to_string(i);
    s.inputs = {static_cast<int32_t>(i)};
    s.outputs = {static_cast<int32_t>(i + 1)};
    plan.steps.push_back(std::move(s));
  }
  plan.inputs = {0};
  plan.outputs = {static_cast<int32_t>(heights.size() - 1)};
  plan.tensors.back().offset = 1024;
  plan.arena_bytes = 4096;
  plan.chains = {{0, static_cast<int32_t>(heights.size() - 1), stripe_rows}};
  return plan;
}

std::string text_of(const StripeSchedule& s) {
  std::string text;
  for (const StripePart& p : s.parts) {
    text += std::to_string(p.link) + ":" + std::to_string(p.rows.begin) + "-" +
            std::to_string(p.rows.end) + "@" + std::to_string(p.window_begin) + " ";
  }
  return text;
}

// Step 0 makes any row from its own; step 1 is a window of 3 rows, padded by 1.
bool three_rows(int32_t step, int, Rows out, Rows* in) {
  *in = step == 0 ? out : window_rows(out, 6, 3, 1, 1, 1);
  return true;
}

TEST(Stripes, MakeEachRowOnceAndDropWhatIsDone) {
  const Plan plan = chain_of({6, 6, 6}, 2);
  ASSERT_TRUE(validate(plan).ok()) << validate(plan).to_string();
  const auto s = schedule_stripes(plan, plan.chains[0], {0, 6}, three_rows);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(text_of(*s), "0:0-3@0 1:0-2@0 0:3-5@1 1:2-4@0 0:5-6@3 1:4-6@0 ");
  EXPECT_EQ(s->window_rows, std::vector<int64_t>{4});
  EXPECT_EQ(s->most_rows, (std::vector<int64_t>{3, 2}));
}

TEST(Stripes, ABandBeginsWithWhatItsFirstRowsNeed) {
  const Plan plan = chain_of({6, 6, 6}, 2);
  const auto s = schedule_stripes(plan, plan.chains[0], {4, 6}, three_rows);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(text_of(*s), "0:3-6@3 1:4-6@0 ");
  EXPECT_EQ(s->window_rows, std::vector<int64_t>{3});
}

// A stride beyond the kernel leaves rows out: they are not made.
TEST(Stripes, RowsThatNothingReadsAreNotMade) {
  const Plan plan = chain_of({9, 9, 3}, 1);
  const auto s =
      schedule_stripes(plan, plan.chains[0], {0, 3}, [](int32_t step, int, Rows out, Rows* in) {
        *in = step == 0 ? out : window_rows(out, 9, 1, 4, 1, 0);
        return true;
      });
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(text_of(*s), "0:0-1@0 1:0-1@0 0:4-5@4 1:1-2@0 0:8-9@8 1:2-3@0 ");
}

TEST(Stripes, ARuleThatLeavesItsTensorIsRefused) {
  const Plan plan = chain_of({6, 6, 6}, 2);
  const auto outside = [](int32_t, int, Rows, Rows* in) {
    *in = {0, 7};
    return true;
  };
  EXPECT_FALSE(schedule_stripes(plan, plan.chains[0], {0, 6}, outside).ok());
  const auto never = [](int32_t, int, Rows, Rows*) { return false; };
  EXPECT_FALSE(schedule_stripes(plan, plan.chains[0], {0, 6}, never).ok());
}

std::string refusal(const Plan& plan) {
  const Status s = validate(plan);
  return s.ok() ? "valid" : s.message();
}

TEST(Chains, WhatIsNoChainIsRefused) {
  const Plan good = chain_of({6, 6, 6, 6}, 2);
  ASSERT_EQ(refusal(good), "valid");
  const auto with = [&](auto&& change) {
    Plan plan = good;
    change(plan);
    return refusal(plan);
  };
  const std::string none = "a chain has no steps, or those of another";
  EXPECT_EQ(with([](Plan& p) { p.chains[0].steps = 4; }), none);
  EXPECT_EQ(with([](Plan& p) { p.chains[0].steps = 1; }), none);
  EXPECT_EQ(with([](Plan& p) { p.chains[0].first_step = -1; }), none);
  EXPECT_EQ(with([](Plan& p) { p.chains[0].steps = INT32_MAX; }), none);
  EXPECT_EQ(with([](Plan& p) { p.chains.push_back(p.chains[0]); }), none);
  EXPECT_EQ(with([](Plan& p) { p.chains[0].stripe_rows = 0; }), "a chain's stripes have no rows");
  EXPECT_EQ(with([](Plan& p) { p.chains.clear(); }), "is read outside its chain, or twice");
  EXPECT_EQ(with([](Plan& p) { p.tensors[0].striped = true; }),
            "is striped, but no chain makes and reads it");
  EXPECT_EQ(with([](Plan& p) { p.chains[0].steps = 2; }), "is not linked to the rest of its chain");
  EXPECT_EQ(with([](Plan& p) { p.tensors[1].striped = false; }),
            "is not linked to the rest of its chain");
  EXPECT_EQ(with([](Plan& p) { p.outputs.push_back(1); }), "an output of the plan is striped");
  EXPECT_EQ(with([](Plan& p) { p.steps[2].inputs.push_back(1); }),
            "is read outside its chain, or twice");
  EXPECT_EQ(with([](Plan& p) { p.steps[1].inputs.push_back(1); }),
            "is read outside its chain, or twice");
  EXPECT_EQ(with([](Plan& p) { p.tensors[1].dims = {2, 3, 4, 8}; }), "cannot be cut into rows");
  EXPECT_EQ(with([](Plan& p) { p.tensors[1].dynamic = true; }), "cannot be cut into rows");
}

// All steps of a chain take turns, so the residual that the last one reads lives from the first on.
TEST(Chains, LivesCoverTheWholeChain) {
  Plan plan = chain_of({6, 6, 6, 6}, 2);
  plan.steps[2].inputs.push_back(0);
  plan.tensors.back().offset = 0;  // over the input, which the chain's last step still reads
  EXPECT_NE(refusal(plan).find("while both are in use"), std::string::npos) << refusal(plan);
}

}  // namespace
}  // namespace fettle::plan
