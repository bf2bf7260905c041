// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of linear interpolation of 8-bit codes (base/interpolation.h), one axis at a
// time: pairs of a row's pixels weighted into sums as wide as the output's row, then two rows of
// sums weighted into one of codes.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// Two places along an axis, in steps of the array they are used on; `units` is the second's weight.
struct ResizeTapI8 {
  int64_t first, second;
  int32_t units;
};

struct ResizeI8 {
  const char* name;
  Isa isa;
  // y = (2048 - units) * x[first] + units * x[second] for each of `columns` taps, `channels` codes
  // a tap, into neighbouring places of y. Reads the `row` codes of x alone; may write
  // kResizeI8Slack sums past the end of y.
  void (*columns)(const int8_t* x, int64_t row, const ResizeTapI8* taps, int32_t* y,
                  int64_t columns, int64_t channels);
  // The codes of two rows of n sums, the second weighing `units`.
  void (*sums)(const int32_t* first, const int32_t* second, int32_t units, int8_t* y, int64_t n);
  // The same of two rows of codes, along one axis alone.
  void (*codes)(const int8_t* first, const int8_t* second, int32_t units, int8_t* y, int64_t n);
};

constexpr int64_t kResizeI8Slack = 16;

// The best that runs on `isa`.
const ResizeI8& resize_i8(Isa isa);

}  // namespace fettle::runtime
