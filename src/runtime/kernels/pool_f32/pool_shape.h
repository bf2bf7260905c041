// SPDX-License-Identifier: Apache-2.0
//
// What pools over channels-last images and reductions over neighbouring axes read from a call,
// for every element type.
#pragma once

#include "base/op_call.h"

namespace fettle::runtime {

// Taps of an output position that lie in the input, and where the first is.
struct PoolTaps {
  int64_t count, start;
};

struct PoolAxis {
  int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;

  PoolTaps taps_of(int64_t at) const;
  // What an average divides by along this axis: padding counts where it is asked for, but not what
  // ceil_mode lets a window reach beyond it.
  int64_t count_of(int64_t at, bool include_pad) const;
  // Output positions [first, last) whose windows lie in the input as a whole.
  void whole_windows(int64_t* first, int64_t* last) const;
};

struct PoolShape {
  int64_t batch = 1, channels = 1;
  PoolAxis h, w;
  bool count_include_pad = false;
};
// Of one or two spatial axes, without types and activation.
bool read_pool_shape(const OpCall& call, bool global, PoolShape* shape);

// x as [outer][taps_h][taps_w][inner], reduced over the taps; inner 1: rows of taps_h * taps_w.
struct ReduceShape {
  int64_t outer = 1, taps_h = 1, taps_w = 1, inner = 1;
};
// Axes must be known, and no kept axis longer than 1 between reduced ones. Without types.
bool read_reduce_shape(const OpCall& call, ReduceShape* shape);

}  // namespace fettle::runtime
