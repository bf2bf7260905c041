// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of linear interpolation, one axis at a time: two rows weighted into one, then
// pairs of a row's pixels weighted into pixels of the output.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// Two places along an axis, in steps of the array they are used on, and their weights.
struct ResizeTapF32 {
  int64_t first, second;
  float first_weight, second_weight;
};

// y[i] = tap.first_weight * x[tap.first + i] + tap.second_weight * x[tap.second + i], i < n.
using ResizeF32RowFn = void (*)(const float* x, const ResizeTapF32& tap, float* y, int64_t n);
// The same for each of `columns` taps, `channels` floats a tap, into neighbouring places of y.
using ResizeF32ColumnsFn = void (*)(const float* x, const ResizeTapF32* taps, float* y,
                                    int64_t columns, int64_t channels);

struct ResizeF32 {
  const char* name;
  Isa isa;
  ResizeF32RowFn row;
  ResizeF32ColumnsFn columns;
};

// The best that runs on `isa`.
const ResizeF32& resize_f32(Isa isa);

}  // namespace fettle::runtime
