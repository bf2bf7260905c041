// SPDX-License-Identifier: Apache-2.0
//
// Sliding windows over images: what Conv, ConvTranspose, pools and their relatives have in common.
// Everything is brought to three spatial axes (leading ones of extent 1), so that each kernel has
// one set of loops for 1-D, 2-D and 3-D.
#pragma once

#include <span>

#include "base/attributes.h"
#include "base/dims.h"
#include "base/rows.h"
#include "base/status.h"

namespace fettle::ops {

inline constexpr int kSpatial = 3;
inline constexpr int64_t kMaxWindow = int64_t{1} << 24;  // of a kernel, stride, dilation or pad

// output = (input + pads - (kernel - 1) * dilation - 1) / stride + 1, for each axis.
struct Window {
  int rank = 0;  // spatial axes that the operator has
  int64_t in[kSpatial] = {1, 1, 1}, out[kSpatial] = {1, 1, 1}, kernel[kSpatial] = {1, 1, 1};
  int64_t stride[kSpatial] = {1, 1, 1}, dilation[kSpatial] = {1, 1, 1};
  int64_t pad_begin[kSpatial] = {}, pad_end[kSpatial] = {};
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t positions() const { return out[0] * out[1] * out[2]; }
  int64_t effective(int a) const { return (kernel[a] - 1) * dilation[a] + 1; }
};

// Where an image's elements are: element (n, c, z, y, x) is at their sum of products with steps.
struct Image {
  int64_t batch = 1, channels = 1, extent[kSpatial] = {1, 1, 1};
  int64_t step_n = 0, step_c = 0, step[kSpatial] = {};
};

// The taps of one output position that fall inside the input, along one axis.
struct Taps {
  int64_t first, last;  // [first, last) of kernel
  int64_t start;        // input coordinate of tap `first`
};

// Attribute layout: "nchw" (default) or "nhwc".
Status parse_layout(const char* op, const Attributes& attrs, bool* nhwc);
// dims of rank 2 to 5 with channels where the layout puts them.
Image image_of(const Dims& dims, bool nhwc);
Dims image_dims(int rank, bool nhwc, int64_t batch, int64_t channels, const int64_t* extent);
// Spatial extents of dims, in order.
Dims spatial_of(const Dims& dims, bool nhwc);

// Attributes strides, dilations, pads, auto_pad and ceil_mode resolved against an input. Checks
// them all: afterwards every product of them is small and every output extent is positive, or 0
// where the input is empty.
Status resolve_window(const char* op, const Attributes& attrs, const Dims& in, const Dims& kernel,
                      Window* out);
// The attributes alone: kernel, stride, dilation and explicit pads (0 under auto_pad).
Status read_window(const char* op, const Attributes& attrs, const Dims& in, const Dims& kernel,
                   Window* out);
// Kernel extents from attribute kernel_shape.
Status kernel_shape(const char* op, const Attributes& attrs, int rank, Dims* out);

// The input rows that output rows `out` need, of images whose rows are the second of three axes.
inline Rows rows_of(const Window& w, Rows out) {
  return window_rows(out, w.in[1], w.kernel[1], w.stride[1], w.dilation[1], w.pad_begin[1]);
}

inline Taps taps_of(const Window& w, int axis, int64_t position) {
  const int64_t start = position * w.stride[axis] - w.pad_begin[axis];
  const int64_t d = w.dilation[axis];
  const int64_t first = start >= 0 ? 0 : (-start + d - 1) / d;
  const int64_t left = w.in[axis] - start;  // taps must lie below this
  int64_t last = left <= 0 ? 0 : (left + d - 1) / d;
  last = last < w.kernel[axis] ? last : w.kernel[axis];
  return {first < last ? first : last, last, start + (first < last ? first : last) * d};
}

}  // namespace fettle::ops
