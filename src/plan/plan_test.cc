// SPDX-License-Identifier: Apache-2.0
//
// Plans made by hand: what validate() refuses, where the arena planner puts blocks (against known
// optima, and on random lifetimes against a check of its own), and what in-place steps share.
#include "plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "plan/arena.h"
#include "plan/lifetime.h"

namespace fettle::plan {
namespace {

constexpr int64_t kUnit = kAlignment;  // bytes of the smallest block

int32_t add_tensor(Plan& plan, int64_t units, const std::string& name = "t") {
  PlanTensor t;
  t.name = name + std::to_string(plan.tensors.size());
  t.dtype = DType::i8;
  t.dims = {units * kUnit};
  plan.tensors.push_back(std::move(t));
  return static_cast<int32_t>(plan.tensors.size() - 1);
}

void add_step(Plan& plan, std::vector<int32_t> in, std::vector<int32_t> out, int32_t place = -1) {
  Step s;
  s.op = "Op";
  s.name = "step" + std::to_string(plan.steps.size());
  s.inputs = std::move(in);
  s.outputs = std::move(out);
  s.in_place = place;
  plan.steps.push_back(std::move(s));
}

// A plan whose tensor i lives from step first to last, whatever computes it.
struct Life {
  int first, last;
  int64_t units;
};
Plan plan_of(const std::vector<Life>& lives, int steps) {
  Plan plan;
  for (const Life& l : lives) add_tensor(plan, l.units);
  for (int s = 0; s < steps; ++s) {
    std::vector<int32_t> in, out;
    for (size_t t = 0; t < lives.size(); ++t) {
      if (lives[t].last == s && lives[t].first < s) in.push_back(static_cast<int32_t>(t));
      if (lives[t].first == s) out.push_back(static_cast<int32_t>(t));
    }
    add_step(plan, in, out);
  }
  return plan;
}

// Pairwise, unlike validate(): no two tensors that live at one step share a byte.
void expect_disjoint(const Plan& plan, const std::vector<Life>& lives) {
  for (size_t a = 0; a < lives.size(); ++a) {
    const uint64_t a_end = plan.tensors[a].offset + static_cast<uint64_t>(lives[a].units * kUnit);
    EXPECT_LE(a_end, plan.arena_bytes);
    EXPECT_EQ(plan.tensors[a].offset % kAlignment, 0u);
    for (size_t b = 0; b < a; ++b) {
      if (lives[a].first > lives[b].last || lives[b].first > lives[a].last) continue;
      const uint64_t b_end = plan.tensors[b].offset + static_cast<uint64_t>(lives[b].units * kUnit);
      EXPECT_TRUE(plan.tensors[a].offset >= b_end || plan.tensors[b].offset >= a_end)
          << "tensors " << b << " and " << a;
    }
  }
}

size_t most_live_bytes(const std::vector<Life>& lives, int steps) {
  size_t most = 0;
  for (int s = 0; s < steps; ++s) {
    size_t live = 0;
    for (const Life& l : lives) {
      if (l.first <= s && s <= l.last) live += static_cast<size_t>(l.units * kUnit);
    }
    most = std::max(most, live);
  }
  return most;
}

std::string refusal(const Plan& plan) {
  const Status s = validate(plan);
  return s.ok() ? "valid" : s.to_string();
}

TEST(Arena, AChainTakesItsTwoLargestNeighbours) {
  Plan plan = plan_of({{0, 1, 4}, {1, 2, 2}, {2, 3, 6}, {3, 4, 1}, {4, 4, 5}}, 5);
  const ArenaReport report = plan_arena(plan);
  EXPECT_EQ(report.bytes, 8u * kUnit);  // 2 + 6
  EXPECT_EQ(report.lower_bound, 8u * kUnit);
  EXPECT_EQ(report.peak_step, 2);
  EXPECT_EQ(refusal(plan), "valid");
}

// Lives that fit into 4 units only if the long one lies at an edge: first fit in the order of the
// steps would leave a hole of 1 + 1 on both sides of it.
TEST(Arena, FindsThePackingThatOrderOfStepsMisses) {
  const std::vector<Life> lives = {{0, 1, 1}, {0, 3, 2}, {0, 0, 1}, {2, 3, 2}};
  Plan plan = plan_of(lives, 4);
  EXPECT_EQ(plan_arena(plan).bytes, 4u * kUnit);
  expect_disjoint(plan, lives);
}

// The optimum by trying every order: first fit over all orders contains one, as the blocks of an
// optimal layout can be placed bottom up.
TEST(Arena, GivesTheOptimumOfSmallPlans) {
  std::mt19937 random(3);
  int above_bound = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<Life> lives;
    for (int i = 0; i < 6; ++i) {
      const int first = static_cast<int>(random() % 5);
      lives.push_back({first, first + static_cast<int>(random() % static_cast<unsigned>(5 - first)),
                       1 + static_cast<int64_t>(random() % 5)});
    }
    Plan plan = plan_of(lives, 5);
    const size_t got = plan_arena(plan).bytes;
    std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
    size_t best = SIZE_MAX;
    do {
      std::vector<int64_t> at(6, -1);
      int64_t top = 0;
      for (size_t b : order) {
        int64_t offset = 0;
        for (bool moved = true; moved;) {
          moved = false;
          for (size_t n = 0; n < 6; ++n) {
            const bool meets =
                at[n] >= 0 && lives[n].first <= lives[b].last && lives[b].first <= lives[n].last;
            if (!meets || at[n] >= offset + lives[b].units || offset >= at[n] + lives[n].units) {
              continue;
            }
            offset = at[n] + lives[n].units;
            moved = true;
          }
        }
        at[b] = offset;
        top = std::max(top, offset + lives[b].units);
      }
      best = std::min(best, static_cast<size_t>(top * kUnit));
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_EQ(got, best) << "round " << round;
    above_bound += best > most_live_bytes(lives, 5);
  }
  std::printf("%d of 40 plans cannot reach the lower bound\n", above_bound);
}

TEST(Arena, RandomPlansNeverOverlapAndStayNearTheBound) {
  std::mt19937 random(1);
  double worst = 1;
  for (int round = 0; round < 60; ++round) {
    const int steps = 1 + static_cast<int>(random() % 40);
    std::vector<Life> lives;
    const int count = 1 + static_cast<int>(random() % 60);
    for (int i = 0; i < count; ++i) {
      const int first = static_cast<int>(random() % static_cast<unsigned>(steps));
      const int most = std::min(steps - first, random() % 4 == 0 ? steps : 4);
      lives.push_back({first, first + static_cast<int>(random() % static_cast<unsigned>(most)),
                       1 + static_cast<int64_t>(random() % 64)});
    }
    Plan plan = plan_of(lives, steps);
    const ArenaReport report = plan_arena(plan);
    ASSERT_EQ(report.bytes, plan.arena_bytes);
    ASSERT_EQ(report.lower_bound, most_live_bytes(lives, steps));
    ASSERT_GE(report.bytes, report.lower_bound);
    expect_disjoint(plan, lives);
    ASSERT_EQ(refusal(plan), "valid");
    worst = std::max(worst, static_cast<double>(report.bytes) / report.lower_bound);
  }
  std::printf("worst of 60 random plans: %.3f times the lower bound\n", worst);
  EXPECT_LT(worst, 1.5);
}

TEST(Arena, InPlaceChainsShareOneBlock) {
  Plan plan;
  const int32_t x = add_tensor(plan, 4), a = add_tensor(plan, 4), b = add_tensor(plan, 2);
  const int32_t c = add_tensor(plan, 1);
  plan.inputs = {x};
  add_step(plan, {x}, {a}, 0);
  add_step(plan, {-1, a}, {b}, 1);
  add_step(plan, {b}, {c});
  plan.outputs = {c};
  const std::vector<Block> blocks = live_blocks(plan);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].tensors, (std::vector<int32_t>{x, a, b}));
  EXPECT_EQ(blocks[0].first_step, 0);
  EXPECT_EQ(blocks[0].last_step, 2);
  EXPECT_EQ(blocks[0].bytes, 4u * kUnit);
  EXPECT_EQ(plan_arena(plan).bytes, 5u * kUnit);
  EXPECT_EQ(plan.tensors[x].offset, plan.tensors[b].offset);
  EXPECT_EQ(refusal(plan), "valid");
  plan.tensors[c].offset = plan.tensors[b].offset;
  EXPECT_NE(refusal(plan).find("shares bytes"), std::string::npos) << refusal(plan);
}

TEST(Arena, DynamicTensorsTakeTheirUpperBound) {
  Plan plan = plan_of({{0, 1, 3}, {1, 1, 2}}, 2);
  plan.tensors[0].dynamic = true;
  EXPECT_EQ(plan_arena(plan).bytes, 5u * kUnit);
}

TEST(Arena, InputsLiveFromTheStartAndOutputsToTheEnd) {
  Plan plan = plan_of({{0, 0, 1}, {1, 1, 1}, {2, 2, 1}}, 3);
  const int32_t x = add_tensor(plan, 1);
  plan.steps[2].inputs = {x};
  plan.inputs = {x};
  plan.outputs = {0};
  EXPECT_EQ(plan_arena(plan).bytes, 3u * kUnit);
  EXPECT_EQ(refusal(plan), "valid");
  Plan empty;
  EXPECT_EQ(plan_arena(empty).bytes, 0u);
  EXPECT_EQ(refusal(empty), "valid");
}

TEST(Arena, PrintedMapHasALineForEachStep) {
  const std::vector<Life> lives = {{0, 1, 16}, {1, 2, 16}, {2, 2, 32}};
  Plan plan = plan_of(lives, 3);
  plan_arena(plan);
  const std::string map = print_arena(plan, 32);
  EXPECT_EQ(std::count(map.begin(), map.end(), '\n'), 3);
  for (const char* line : {"0    1 KiB", "1    2 KiB", "2    3 KiB"}) {
    EXPECT_NE(map.find(line), std::string::npos) << map;
  }
  // 3 KiB in 32 columns: the last step fills them all, the first a third.
  const std::string last = map.substr(map.rfind('\n', map.size() - 2) + 1);
  EXPECT_EQ(last.substr(16, 32).find('.'), std::string::npos) << map;
  const std::string first = map.substr(16, 32);
  EXPECT_NEAR(static_cast<double>(std::count(first.begin(), first.end(), '.')), 32 * 2 / 3.0, 1.5);
}

// A small sound plan, and one thing wrong with it at a time.
Plan sound() {
  Plan plan;
  add_tensor(plan, 1, "x");
  add_tensor(plan, 1, "y");
  add_tensor(plan, 1, "z");
  PlanTensor w;
  w.name = "w";
  w.dtype = DType::i8;
  w.dims = {3};
  w.weight = Tensor(DType::i8, {3});
  plan.tensors.push_back(w);
  plan.inputs = {0};
  add_step(plan, {0, 3}, {1});
  add_step(plan, {1, -1}, {2}, 0);
  plan.outputs = {2};
  plan_arena(plan);
  return plan;
}

TEST(Validate, RefusesWhatIsWrong) {
  ASSERT_EQ(refusal(sound()), "valid");
  const auto after = [](auto damage) {
    Plan plan = sound();
    damage(plan);
    return refusal(plan);
  };
  const auto quant = [](float scale, int axis, size_t n) {
    return std::make_shared<const Quantization>(
        Quantization{std::vector<float>(n, scale), std::vector<int32_t>(n, 0), axis});
  };
  EXPECT_NE(after([](Plan& p) { p.tensors[1].dtype = DType::none; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[1].dtype = static_cast<DType>(99); }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[1].dims = {-1}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[1].dims = {1 << 30, 1 << 30}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[1].offset = 32; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[1].offset = p.arena_bytes; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[1].offset = UINT64_MAX - 63; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.arena_bytes = 64; }), "valid");
  EXPECT_NE(after([](Plan& p) {
              p.arena_bytes = UINT64_MAX;
              p.tensors[0].offset = UINT64_MAX - 127;
            }),
            "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[0].offset = p.tensors[1].offset; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[3].weight = Tensor(DType::u8, {3}); }), "valid");
  EXPECT_NE(after([](Plan& p) { p.tensors[3].weight = Tensor(DType::i8, {2}); }), "valid");
  EXPECT_NE(after([](Plan& p) { p.inputs = {9}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.inputs = {-1}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.inputs = {3}; }), "valid") << "a weight";
  EXPECT_NE(after([](Plan& p) { p.inputs = {0, 0}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.inputs = {}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.outputs = {4}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.outputs = {-1}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.outputs = {1}; }), "valid") << "taken over";
  EXPECT_NE(after([](Plan& p) { p.steps[0].inputs = {4}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.steps[0].inputs = {-2}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.steps[0].inputs = {2}; }), "valid") << "not written yet";
  EXPECT_NE(after([](Plan& p) { p.steps[0].outputs = {3}; }), "valid") << "a weight";
  EXPECT_NE(after([](Plan& p) { p.steps[1].outputs = {1}; }), "valid") << "written twice";
  EXPECT_NE(after([](Plan& p) { p.steps[1].in_place = 1; }), "valid") << "absent";
  EXPECT_NE(after([](Plan& p) { p.steps[1].in_place = 7; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.steps[1].in_place = -2; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.steps[0].in_place = 1; }), "valid") << "over a weight";
  EXPECT_NE(after([](Plan& p) { p.steps[1].in_place = -1; }), "valid") << "shares undeclared";
  EXPECT_NE(after([](Plan& p) { add_step(p, {1}, {}); }), "valid") << "read after taken over";
  EXPECT_NE(after([&](Plan& p) { p.tensors[1].quant = quant(1, 0, 0); }), "valid");
  EXPECT_NE(after([&](Plan& p) { p.tensors[1].quant = quant(1, 0, 5); }), "valid");
  EXPECT_NE(after([&](Plan& p) { p.tensors[3].quant = quant(1, 1, 3); }), "valid");
  EXPECT_NE(after([&](Plan& p) { p.tensors[3].quant = quant(NAN, 0, 3); }), "valid");
  EXPECT_NE(after([&](Plan& p) { p.tensors[3].quant = quant(-1, 0, 3); }), "valid");
  EXPECT_EQ(after([&](Plan& p) { p.tensors[3].quant = quant(1, 0, 3); }), "valid");
}

// c, x; a from x where c; b from x where not c; y the one of both that was made.
Plan branching() {
  Plan plan;
  for (const char* name : {"c", "x", "a", "b", "y"}) add_tensor(plan, 1, name);
  plan.tensors[0].dtype = DType::boolean;
  plan.tensors[0].dims = {1};
  plan.inputs = {0, 1};
  add_step(plan, {1}, {2});
  add_step(plan, {1}, {3});
  add_step(plan, {0, 2, 3}, {4});
  plan.steps[0].guard = plan.steps[1].guard = 0;
  plan.steps[1].guard_is = false;
  plan.steps[2].op = kChoose;
  plan.outputs = {4};
  plan_arena(plan);
  return plan;
}

TEST(Validate, RefusesWhatMayNotHaveBeenWritten) {
  ASSERT_EQ(refusal(branching()), "valid");
  const auto after = [](auto damage) {
    Plan plan = branching();
    damage(plan);
    return refusal(plan);
  };
  for (const int32_t guard : {-2, 5, INT32_MAX, INT32_MIN}) {
    EXPECT_NE(after([&](Plan& p) { p.steps[0].guard = guard; }), "valid") << guard;
  }
  const auto spoil = [](auto change) { return [change](Plan& p) { change(p.tensors[0]); }; };
  EXPECT_NE(after(spoil([](PlanTensor& c) { c.dtype = DType::i8; })), "valid");
  EXPECT_NE(after(spoil([](PlanTensor& c) { c.dims = {2}; })), "valid");
  EXPECT_NE(after(spoil([](PlanTensor& c) { c.dims = {0}; })), "valid");
  EXPECT_NE(after(spoil([](PlanTensor& c) { c.dynamic = true; })), "valid");
  EXPECT_NE(after(spoil([](PlanTensor& c) { c.striped = true; })), "valid");
  EXPECT_NE(after([](Plan& p) { p.inputs = {1}; }), "valid") << "a condition that nothing wrote";
  EXPECT_NE(after([](Plan& p) { p.steps[0].guard_is = false; }), "valid") << "the other branch";
  EXPECT_NE(after([](Plan& p) { p.steps[1].inputs = {2}; }), "valid") << "the other branch";
  EXPECT_NE(after([](Plan& p) { p.steps[2].op = "Op"; }), "valid") << "reads both";
  EXPECT_NE(after([](Plan& p) { p.steps[2].inputs = {0, 3, 2}; }), "valid") << "the wrong one";
  EXPECT_NE(after([](Plan& p) { p.steps[2].inputs = {1, 2, 3}; }), "valid") << "of another";
  EXPECT_NE(after([](Plan& p) { p.steps[2].inputs = {0, 2, 3, 2}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.steps[2].inputs = {2, 2, 3}; }), "valid");
  EXPECT_NE(after([](Plan& p) { p.outputs = {2}; }), "valid") << "an output of one branch";
  EXPECT_EQ(after([](Plan& p) { p.steps[0].guard = -1; }), "valid") << "always made";
  EXPECT_NE(after([](Plan& p) {
              p.tensors[2].dtype = DType::boolean;
              p.tensors[2].dims = {1};
              p.steps[1].guard = 2;
            }),
            "valid")
      << "a condition under a condition";
  // Its bytes are in use until the last step under it, which is not the last that reads it.
  const std::string shared = after([](Plan& p) {
    p.steps[2].inputs = {-1};
    p.tensors[3].offset = p.tensors[0].offset;
  });
  EXPECT_NE(shared.find("shares bytes"), std::string::npos) << shared;
  const std::string overwritten = after([](Plan& p) {
    p.steps[0].inputs = {0};
    p.steps[0].in_place = 0;
    p.steps[2].inputs = {-1};
    p.tensors[2].offset = p.tensors[0].offset;
    p.tensors[1].offset = p.tensors[4].offset;
  });
  EXPECT_NE(overwritten.find("overwrote"), std::string::npos) << overwritten;
}

// A hostile plan of many tensors must not take quadratic time: 100,000 live at once.
TEST(Validate, ManyLiveTensors) {
  Plan plan;
  constexpr int kMany = 100'000;
  std::vector<int32_t> all;
  for (int i = 0; i < kMany; ++i) {
    all.push_back(add_tensor(plan, 1));
    plan.tensors.back().offset = static_cast<uint64_t>(i) * kUnit;
  }
  plan.arena_bytes = static_cast<uint64_t>(kMany) * kUnit;
  plan.inputs = all;
  add_step(plan, all, {});
  EXPECT_EQ(refusal(plan), "valid");
  plan.tensors[77].offset = 0;
  EXPECT_NE(refusal(plan), "valid");
}

}  // namespace
}  // namespace fettle::plan
