// SPDX-License-Identifier: Apache-2.0
//
// The reduce family: ReduceSum, ReduceMean, ... A member says how one element joins what has been
// gathered and what becomes of that in the end; the walk over the tensor is shared.
//
// Sums of floats are kept in double, of integers in 64 bits, so that no order of summation has to
// be promised to kernels.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// Axes of a tensor after neighbours of one kind (kept, reduced) are merged.
struct ReducePlan {
  int kept = 0, reduced = 0;  // outer axes of each kind
  int64_t kept_extent[kMaxRank], kept_step[kMaxRank];
  int64_t reduced_extent[kMaxRank], reduced_step[kMaxRank];
  // The innermost axis: `row` elements that follow one another, reduced to one or kept apart.
  int64_t row = 1;
  bool row_reduced = true;
  int64_t count = 1;  // elements that go into each result
};

// Types that a member takes.
enum class ReduceTypes : uint8_t { numbers, numbers_and_bytes };

Status infer_reduce(const char* op, const OpCall& call, ReduceTypes types, bool selects);
Status plan_reduce(const OpCall& call, ReducePlan* plan);
// The input's dims with 1 for each reduced axis.
Status kept_dims(const OpCall& call, Dims* dims);

// Sum and Mean over codes: types of operand and output (its dims are infer_reduce's); computation.
Status infer_reduce_integer(const char* op, const OpCall& call);
size_t scratch_reduce_integer(const OpCall& call);
Status run_reduce_integer(const OpCall& call, bool mean);

Status read_reduce(ir::Graph& graph, ir::Node* node, int opset);

std::vector<Case> reduce_cases();

}  // namespace fettle::ops
