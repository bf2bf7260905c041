// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of linear interpolation, one axis at a time: pairs of a row's pixels weighted
// into pixels of a row as wide as the output's, then two such rows weighted into one of the output.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// Two places along an axis, in steps of the array they are used on, and their weights.
struct ResizeTapF32 {
  int64_t first, second;
  float first_weight, second_weight;
};

// y = first_weight * x[first] + second_weight * x[second] for each of `columns` taps, `channels`
// floats a tap, into neighbouring places of y.
using ResizeF32ColumnsFn = void (*)(const float* x, const ResizeTapF32* taps, float* y,
                                    int64_t columns, int64_t channels);
// y[i] = weights.first_weight * first[i] + weights.second_weight * second[i], i < n.
using ResizeF32RowFn = void (*)(const float* first, const float* second,
                                const ResizeTapF32& weights, float* y, int64_t n);

struct ResizeF32 {
  const char* name;
  Isa isa;
  ResizeF32ColumnsFn columns;
  ResizeF32RowFn row;
};

// The best that runs on `isa`.
const ResizeF32& resize_f32(Isa isa);

}  // namespace fettle::runtime
