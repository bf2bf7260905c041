// SPDX-License-Identifier: Apache-2.0
//
// When each block of arena bytes is in use. Tensors that share bytes by in-place steps are one
// block.
//
// Inputs of the plan are live from the start, outputs to the end.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.h"

namespace fettle::plan {

struct Block {
  int32_t first_step, last_step;  // both included
  size_t bytes;                   // rounded up to kAlignment
  std::vector<int32_t> tensors;   // that live in it
};

std::vector<Block> live_blocks(const Plan& plan);

}  // namespace fettle::plan
