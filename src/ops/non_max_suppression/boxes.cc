// SPDX-License-Identifier: Apache-2.0
#include "ops/non_max_suppression/boxes.h"

#include <algorithm>

namespace fettle::ops {

float overlap(const Box& a, const Box& b) {
  const float area_a = (a.y1 - a.y0) * (a.x1 - a.x0), area_b = (b.y1 - b.y0) * (b.x1 - b.x0);
  if (!(area_a > 0) || !(area_b > 0)) return 0;
  const float h = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  const float w = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  if (h <= 0 || w <= 0) return 0;
  return h * w / (area_a + area_b - h * w);
}

int64_t rank_candidates(const float* scores, int64_t count, int64_t step, float above,
                        int64_t* candidates) {
  int64_t n = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (scores[i * step] > above) candidates[n++] = i;
  }
  std::sort(candidates, candidates + n, [&](int64_t a, int64_t b) {
    const float sa = scores[a * step], sb = scores[b * step];
    return sa != sb ? sa > sb : a < b;
  });
  return n;
}

int64_t suppress(const Box* boxes, const int64_t* candidates, int64_t count, float limit,
                 int64_t most, int64_t* kept) {
  int64_t n = 0;
  for (int64_t i = 0; i < count && n < most; ++i) {
    const Box& box = boxes[candidates[i]];
    const bool clear =
        std::none_of(kept, kept + n, [&](int64_t k) { return overlap(boxes[k], box) > limit; });
    if (clear) kept[n++] = candidates[i];
  }
  return n;
}

}  // namespace fettle::ops
