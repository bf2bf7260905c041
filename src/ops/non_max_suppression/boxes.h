// SPDX-License-Identifier: Apache-2.0
//
// Boxes and the greedy suppression of those that overlap a better one.
#pragma once

#include <cstdint>

namespace fettle::ops {

struct Box {
  float y0, x0, y1, x1;  // y0 <= y1, x0 <= x1
};

// Intersection over union; 0 where either is empty.
float overlap(const Box& a, const Box& b);

// Candidates in falling order of score (ties: by index), none a NaN. Returns how many.
int64_t rank_candidates(const float* scores, int64_t count, int64_t step, float above,
                        int64_t* candidates);

// Keeps, in order, each candidate that overlaps none kept by more than `limit`; at most `most`.
// `kept` may be the same array as `candidates`. Returns how many.
int64_t suppress(const Box* boxes, const int64_t* candidates, int64_t count, float limit,
                 int64_t most, int64_t* kept);

}  // namespace fettle::ops
