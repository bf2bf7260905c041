// SPDX-License-Identifier: Apache-2.0
//
// ConvTranspose: the adjoint of Conv over 1 to 3 axes, plus bias, then an activation.
//
//   x [N,C,...] (nhwc: [N,...,C])   w [C,O/group,K...] (nhwc: [O,K...,C/group])   bias [O]?
//   output_shape: all extents of the output (i32 or i64)?  also attribute, spatial extents only
#pragma once

#include "ops/activation.h"
#include "ops/op.h"
#include "ops/window.h"

namespace fettle::ops {

struct ConvTransposeShape {
  Window window;  // in: of x; out: of y; pads as cut off the output
  Image x, y;
  int64_t group = 1, out_channels = 0;
  int64_t w_step_o = 0, w_step_i = 0, w_step[kSpatial] = {};
  bool nhwc = false;
  Activation activation;
};

Status resolve_conv_transpose(const OpCall& call, ConvTransposeShape* out);
size_t scratch_conv_transpose(const OpCall& call);
Status reference_conv_transpose_float(const OpCall& call, const ConvTransposeShape& shape);

}  // namespace fettle::ops
