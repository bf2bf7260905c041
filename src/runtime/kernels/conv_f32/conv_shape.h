// SPDX-License-Identifier: Apache-2.0
//
// A channels-last convolution's extents and attributes, read once from its call.
#pragma once

#include "base/op_call.h"
#include "runtime/kernels/activation.h"

namespace fettle::runtime {

struct ConvShape {
  int64_t batch, in_h, in_w, in_c;
  int64_t out_h, out_w, out_c;
  int64_t kernel_h, kernel_w;
  int64_t stride_h, stride_w, dilation_h, dilation_w;
  int64_t pad_top, pad_left;
  int64_t groups;
  Activation activation;

  int64_t group_in() const { return in_c / groups; }
  int64_t group_out() const { return out_c / groups; }
  int64_t pixels() const { return batch * out_h * out_w; }
  bool is_depthwise() const { return groups == in_c && out_c == in_c; }
  bool is_pointwise() const {  // input rows are pixels in order
    return kernel_h == 1 && kernel_w == 1 && stride_h == 1 && stride_w == 1 && out_h == in_h &&
           out_w == in_w && pad_top == 0 && pad_left == 0;
  }
};

// What every type of element has in common: false where the call is not a channels-last
// convolution of two axes with constant weights, or is empty, or its extents contradict each other.
// The bias and a residual are the caller's to check.
bool read_conv_extents(const OpCall& call, ConvShape* shape);

// False where the call is not a float channels-last convolution with constant weights, or is
// empty, or its extents contradict each other.
bool read_conv(const OpCall& call, ConvShape* shape);

}  // namespace fettle::runtime
