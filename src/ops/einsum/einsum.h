// SPDX-License-Identifier: Apache-2.0
//
// Einsum: sums of products of operands whose axes are named by letters, "bij,bjk->bik".
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// An equation resolved against the operands' shapes. Loops over labels replace the letters: first
// those of the output in its order, then those summed over.
struct EinsumPlan {
  static constexpr int kMaxLabels = 32;
  static constexpr int kMaxOperands = 8;
  int kept = 0, labels = 0;
  int64_t extent[kMaxLabels] = {};
  int64_t step[kMaxOperands][kMaxLabels] = {};  // 0 where an operand does not have the label
  Dims out;
};
Status plan_einsum(const OpCall& call, EinsumPlan* plan);

}  // namespace fettle::ops
