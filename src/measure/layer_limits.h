// SPDX-License-Identifier: Apache-2.0
//
// How far each step is from what this machine can do at most: the larger of its
// multiply-accumulates at the rate that a loop of nothing else reaches here, and its bytes at the
// rate at which memory of the size of all that a run touches is read. Both are measured, with as
// many threads.
//
// Weakness: a step whose inputs the step before has left in a nearer cache may be above 100 %; what
// is neither (exponentials, divisions) is not in the limit.
#pragma once

#include <span>
#include <vector>

#include "measure/bench.h"

namespace fettle::measure {

struct MachineLimits {
  // All threads together; 0 where there is nothing to measure with.
  double f32_gmacs = 0, i8_gmacs = 0, i16_gmacs = 0;
  double read_gbps = 0;
  int64_t touched_bytes = 0;  // by a run: weights and activations
  int threads = 1;
};

// Takes about a second. `cores`: one for each thread.
MachineLimits measure_limits(const plan::Plan& plan, Isa isa, const std::vector<int>& cores);

struct StepLimit {
  double us = 0;              // the least that this machine takes
  bool memory_bound = false;  // because of its bytes
};
StepLimit limit_of(const StepTime& step, DType type, const MachineLimits& limits);
// In which a step multiplies: that of its first input.
DType compute_type(const plan::Plan& plan, const plan::Step& step);

}  // namespace fettle::measure
