// SPDX-License-Identifier: Apache-2.0
//
// How many threads a step is worth. Handing a piece of work to a thread that is already looking for
// some costs part of a microsecond (measured: 0.3 on a Zen 4 core); a thread whose share is not
// more than that makes the step slower, and keeps a core from sleeping or from another session.
//
// Algorithm: the step's time on one thread from its multiply-accumulates and its bytes, at rates
// that kernels of the instruction set typically reach. Weakness: within a factor of two or three,
// which is good enough to tell 1 us from 10.
#pragma once

#include <span>

#include "base/cpu.h"
#include "base/tensor.h"

namespace fettle::runtime {

struct StepWork {
  int64_t macs = 0;
  std::span<const TensorView> in, out;
};

double estimated_ns(const StepWork& work, Isa isa);

// So many that each has `least_share_ns` to do, at least one.
int threads_worth(double step_ns, int64_t least_share_ns, int most_threads);

}  // namespace fettle::runtime
