// SPDX-License-Identifier: Apache-2.0
#include "plan/lifetime.h"

#include <algorithm>

namespace fettle::plan {

std::vector<Block> live_blocks(const Plan& plan) {
  const auto steps = static_cast<int32_t>(plan.steps.size());
  const size_t count = plan.tensors.size();
  std::vector<int32_t> first(count, -1), last(count, -1), owner(count);
  for (size_t t = 0; t < count; ++t) owner[t] = static_cast<int32_t>(t);
  for (int32_t t : plan.inputs) first[t] = last[t] = 0;
  for (int32_t s = 0; s < steps; ++s) {
    const Step& step = plan.steps[s];
    for (int32_t t : step.inputs) {
      if (t >= 0) last[t] = s;
    }
    if (step.guard >= 0) last[step.guard] = s;
    for (int32_t t : step.outputs) {
      if (t >= 0) first[t] = last[t] = s;
    }
    // The taken-over tensor was made earlier, so its owner is final.
    if (step.in_place >= 0) owner[step.outputs[0]] = owner[step.inputs[step.in_place]];
  }
  for (int32_t t : plan.outputs) last[t] = std::max(steps - 1, 0);
  // The steps of a chain take turns: what one of them reads or writes is in use until all are done.
  for (const Chain& c : plan.chains) {
    const auto touch = [&](int32_t t) {
      if (t < 0) return;
      if (last[t] >= c.first_step) last[t] = std::max(last[t], c.last_step());
      if (first[t] >= c.first_step) first[t] = std::min(first[t], c.first_step);
    };
    for (int32_t s = c.first_step; s <= c.last_step(); ++s) {
      for (int32_t t : plan.steps[s].inputs) touch(t);
      for (int32_t t : plan.steps[s].outputs) touch(t);
    }
  }

  std::vector<Block> blocks;
  std::vector<int32_t> block_of(count, -1);
  for (size_t t = 0; t < count; ++t) {
    if (plan.tensors[t].is_weight() || plan.tensors[t].striped || first[t] < 0) continue;
    const size_t bytes = align_up(plan.tensors[t].bytes());
    int32_t& b = block_of[owner[t]];
    if (b < 0) {
      b = static_cast<int32_t>(blocks.size());
      blocks.push_back({first[t], last[t], 0, {}});
    }
    blocks[b].first_step = std::min(blocks[b].first_step, first[t]);
    blocks[b].last_step = std::max(blocks[b].last_step, last[t]);
    blocks[b].bytes = std::max(blocks[b].bytes, std::max(bytes, kAlignment));
    blocks[b].tensors.push_back(static_cast<int32_t>(t));
  }
  return blocks;
}

}  // namespace fettle::plan
