// SPDX-License-Identifier: Apache-2.0
//
// Which input elements Resize takes along an axis: its attributes and constant inputs, brought to
// [outer][h][w][inner] of which h and w alone change.
#pragma once

#include "base/op_call.h"

namespace fettle::runtime {

struct ResizeShape {
  struct Axis {
    int64_t in = 1, out = 1;
    double scale = 1;
    bool changes() const { return in != out || scale != 1; }
  };
  int64_t outer = 1, inner = 1;
  Axis h, w;
  bool linear = false;
};

// False for what the kernels leave to the reference: cubic, antialiased, cropped, more axes.
bool read_resize(const OpCall& call, ResizeShape* shape);

// Between which two input positions an output position lies, and how far on the way.
struct ResizePlaces {
  int64_t first, second;
  double fraction;
};
// Of output position `at`; first and second alike where there is one.
ResizePlaces resize_places(const OpCall& call, const ResizeShape& shape,
                           const ResizeShape::Axis& axis, int64_t at);

}  // namespace fettle::runtime
