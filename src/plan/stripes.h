// SPDX-License-Identifier: Apache-2.0
//
// In which order the steps of a chain make which rows, and how many rows of each striped tensor
// have to be held at once. Worked out before the first run, so that a run only replays it.
//
// Algorithm: for each stripe of the last output, from the last step back: a step makes the rows
// that the next one needs and that its window does not hold yet. Nothing is computed twice within
// a band of rows; between bands, which threads take, only what the windows overlap in.
#pragma once

#include <functional>

#include "base/rows.h"
#include "plan/plan.h"

namespace fettle::plan {

// One step makes some rows; before, its window drops those that nothing needs any more.
struct StripePart {
  int32_t link = 0;  // of the chain, from 0
  Rows rows;
  int64_t window_begin = 0;  // the window's first row from now on; the last link has no window
};

struct StripeSchedule {
  std::vector<StripePart> parts;
  std::vector<int64_t> window_rows;  // of each link but the last
  std::vector<int64_t> most_rows;    // that one part makes, of each link
};

// The operators' row rule: which rows of an input a step needs for some of its output's.
using RowRule = std::function<bool(int32_t step, int input, Rows out, Rows* in)>;

// Rows `band` of the chain's last output. Fails where a rule does, or leaves its tensor.
Result<StripeSchedule> schedule_stripes(const Plan& plan, const Chain& chain, Rows band,
                                        const RowRule& rule);

// Bytes of one row of a tensor [1, H, W, C].
inline int64_t row_bytes(const PlanTensor& t) {
  return t.dims[2] * t.dims[3] * static_cast<int64_t>(size_of(t.dtype));
}

}  // namespace fettle::plan
