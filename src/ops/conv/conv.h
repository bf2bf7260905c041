// SPDX-License-Identifier: Apache-2.0
//
// Conv: a grouped, dilated convolution over 1 to 3 axes, plus bias, plus a residual, then an
// activation.
//
//   x [N,C,...] (nhwc: [N,...,C])   w [O,C/group,K...] (nhwc: [O,K...,C/group])   bias [O]?
//   residual, of the output's shape?
#pragma once

#include "ops/activation.h"
#include "ops/op.h"
#include "ops/window.h"

namespace fettle::ops {

struct ConvShape {
  Window window;
  Image x, y;
  int64_t group = 1, out_channels = 0, in_per_group = 0;
  // Of the weight, in elements.
  int64_t w_step_o = 0, w_step_i = 0, w_step[kSpatial] = {};
  bool nhwc = false;
  Activation activation;
};

// Reads and checks attributes and operand shapes; types are left alone.
Status resolve_conv(const OpCall& call, ConvShape* out);
Status infer_conv(const OpCall& call);
Cost cost_conv(const OpCall& call);
Status reference_conv(const OpCall& call);  // dispatches on quantization
Status reference_conv_float(const OpCall& call, const ConvShape& shape);
// Over codes: types of operands and output; scratch and computation.
Status infer_conv_integer(const OpCall& call);
size_t scratch_conv_integer(const ConvShape& shape);
Status reference_conv_integer(const OpCall& call, const ConvShape& shape);
// Floats by 8-bit weights, likewise. Whether each pixel is quantized to a range of its own.
bool ranges_by_pixel(const ConvShape& shape);
Status infer_conv_dynamic_range(const OpCall& call);
size_t scratch_conv_dynamic_range(const ConvShape& shape);
Status reference_conv_dynamic_range(const OpCall& call, const ConvShape& shape);
size_t scratch_conv(const OpCall& call);
bool rows_conv(const OpCall& call, int input, Rows out, Rows* in);

std::vector<Case> conv_cases();
extern const OnnxRule kConvOnnx[1];
extern const TfliteRule kConvTflite[2];

}  // namespace fettle::ops
