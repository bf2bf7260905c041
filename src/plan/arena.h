// SPDX-License-Identifier: Apache-2.0
//
// Gives every live block of a plan its offset in one arena, before the first run.
//
// Algorithm: offline first fit. Blocks are placed one after the other, each at the lowest gap
// among the already placed blocks that live at the same time. The order decides the quality, so
// several are tried (by size; by size times life; by the load of the busiest step a block is live
// in) and the best kept; where that misses the lower bound, seeded moves of one block in the best
// order search on for a bounded number of tries (a small form of hill climbing). Weakness: dynamic
// storage allocation is NP-hard; a placement above the bound may be optimal. Source: Pisarchyk &
// Lee, "Efficient Memory Management for Deep Neural Net Inference" (2020), for the greedy orders
// and for the lower bound.
#pragma once

#include <string>

#include "plan/lifetime.h"

namespace fettle::plan {

struct ArenaReport {
  size_t bytes = 0;
  size_t lower_bound = 0;  // the largest sum of blocks live at one step: no arena is smaller
  int32_t peak_step = 0;   // where that is
};

// Sets offset of every arena tensor and plan.arena_bytes.
ArenaReport plan_arena(Plan& plan);

// A line a step: bytes live, and a map of the arena in `columns` characters.
std::string print_arena(const Plan& plan, int columns = 64);

}  // namespace fettle::plan
