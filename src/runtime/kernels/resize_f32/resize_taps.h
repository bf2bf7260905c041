// SPDX-License-Identifier: Apache-2.0
//
// Which input elements Resize takes along an axis: its attributes and constant inputs, brought to
// [outer][h][w][inner] of which h and w alone change.
#pragma once

#include "base/op_call.h"
#include "runtime/kernels/resize_f32/resize_f32.h"

namespace fettle::runtime {

struct ResizeShapeF32 {
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
bool read_resize_f32(const OpCall& call, ResizeShapeF32* shape);
// The taps of output position `at`, first and second alike where there is one.
ResizeTapF32 resize_tap(const OpCall& call, const ResizeShapeF32& shape,
                        const ResizeShapeF32::Axis& axis, int64_t at);

}  // namespace fettle::runtime
