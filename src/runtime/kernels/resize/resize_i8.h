// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of linear interpolation of 8-bit codes (base/interpolation.h), one axis at a
// time: two rows weighted into one of sums, then pairs of its pixels into pixels of codes.
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
  // y[i] = (2048 - units) * x[tap.first + i] + units * x[tap.second + i], i < n.
  void (*row)(const int8_t* x, const ResizeTapI8& tap, int32_t* y, int64_t n);
  // The codes of n sums along one axis.
  void (*narrow)(const int32_t* x, int8_t* y, int64_t n);
  // Weighs sums along one axis over another, `channels` a tap, into codes at neighbouring places of
  // y. May read kResizeI8Slack sums past any place it reads.
  void (*columns)(const int32_t* x, const ResizeTapI8* taps, int8_t* y, int64_t columns,
                  int64_t channels);
};

constexpr int64_t kResizeI8Slack = 16;

// The best that runs on `isa`.
const ResizeI8& resize_i8(Isa isa);

}  // namespace fettle::runtime
