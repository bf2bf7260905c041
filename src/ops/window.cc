// SPDX-License-Identifier: Apache-2.0
#include "ops/window.h"

#include <algorithm>

namespace fettle::ops {

namespace {
Status bad(const char* op, const std::string& what) {
  return invalid_input(std::string(op) + ": " + what);
}

// An attribute with one number an axis, moved to the trailing axes of `out`.
Status read_list(const char* op, const Attributes& attrs, const char* name, int rank, int64_t least,
                 int64_t* out) {
  const auto list = attrs.get_ints(name);
  if (list.empty()) return {};
  if (static_cast<int>(list.size()) != rank) {
    return bad(op, std::string(name) + " has " + std::to_string(list.size()) + " numbers for " +
                       std::to_string(rank) + " axes");
  }
  for (int i = 0; i < rank; ++i) {
    if (list[i] < least || list[i] > kMaxWindow) {
      return bad(op, std::string(name) + " of " + std::to_string(list[i]) + " is out of range");
    }
    out[kSpatial - rank + i] = list[i];
  }
  return {};
}

Status read_pads(const char* op, const Attributes& attrs, int rank, Window* w) {
  const auto pads = attrs.get_ints("pads");
  if (pads.empty()) return {};
  if (static_cast<int>(pads.size()) != 2 * rank) {
    return bad(op, "pads should hold " + std::to_string(2 * rank) + " numbers");
  }
  for (int i = 0; i < rank; ++i) {
    const int a = kSpatial - rank + i;
    w->pad_begin[a] = pads[i];
    w->pad_end[a] = pads[i + rank];
    if (std::min(pads[i], pads[i + rank]) < 0 || std::max(pads[i], pads[i + rank]) > kMaxWindow) {
      return bad(op, "pads are out of range");
    }
  }
  return {};
}

int64_t divide(int64_t a, int64_t b, bool up) { return up ? (a + b - 1) / b : a / b; }
}  // namespace

Status parse_layout(const char* op, const Attributes& attrs, bool* nhwc) {
  const std::string_view layout = attrs.get_string("layout", "nchw");
  *nhwc = layout == "nhwc";
  if (*nhwc || layout == "nchw") return {};
  return bad(op, "layout '" + std::string(layout) + "' is neither nchw nor nhwc");
}

Image image_of(const Dims& dims, bool nhwc) {
  const int rank = dims.rank() - 2;
  Image im;
  im.batch = dims[0];
  im.channels = nhwc ? dims.back() : dims[1];
  int64_t step = nhwc ? im.channels : 1;
  for (int i = rank - 1; i >= 0; --i) {
    const int a = kSpatial - rank + i;
    im.extent[a] = dims[i + (nhwc ? 1 : 2)];
    im.step[a] = step;
    step *= im.extent[a];
  }
  im.step_c = nhwc ? 1 : step;
  im.step_n = nhwc ? step : step * im.channels;
  return im;
}

Dims image_dims(int rank, bool nhwc, int64_t batch, int64_t channels, const int64_t* extent) {
  Dims dims{batch};
  if (!nhwc) dims.push_back(channels);
  for (int i = 0; i < rank; ++i) dims.push_back(extent[kSpatial - rank + i]);
  if (nhwc) dims.push_back(channels);
  return dims;
}

Dims spatial_of(const Dims& dims, bool nhwc) {
  const int64_t* first = dims.begin() + (nhwc ? 1 : 2);
  return {first, first + (dims.rank() - 2)};
}

Status kernel_shape(const char* op, const Attributes& attrs, int rank, Dims* out) {
  const auto list = attrs.get_ints("kernel_shape");
  if (static_cast<int>(list.size()) != rank) {
    return bad(op, "kernel_shape has " + std::to_string(list.size()) + " numbers for " +
                       std::to_string(rank) + " axes");
  }
  *out = Dims(list.begin(), list.end());
  return {};
}

Status read_window(const char* op, const Attributes& attrs, const Dims& in, const Dims& kernel,
                   Window* w) {
  const int rank = in.rank();
  if (rank > kSpatial || kernel.rank() != rank) {
    return unsupported(std::string(op) + " over " + std::to_string(rank) + " axes");
  }
  w->rank = rank;
  for (int i = 0; i < rank; ++i) {
    const int a = kSpatial - rank + i;
    w->in[a] = in[i];
    w->kernel[a] = kernel[i];
    if (kernel[i] < 1 || kernel[i] > kMaxWindow) {
      return bad(op, "a kernel of " + kernel.to_string() + " is out of range");
    }
  }
  FETTLE_TRY(read_list(op, attrs, "strides", rank, 1, w->stride));
  FETTLE_TRY(read_list(op, attrs, "dilations", rank, 1, w->dilation));
  const std::string_view mode = attrs.get_string("auto_pad", "NOTSET");
  if (mode == "NOTSET" || mode.empty()) return read_pads(op, attrs, rank, w);
  if (mode == "VALID" || mode == "SAME_UPPER" || mode == "SAME_LOWER") return {};
  return bad(op, "auto_pad '" + std::string(mode) + "' is not known");
}

Status resolve_window(const char* op, const Attributes& attrs, const Dims& in, const Dims& kernel,
                      Window* w) {
  FETTLE_TRY(read_window(op, attrs, in, kernel, w));
  const std::string_view mode = attrs.get_string("auto_pad", "NOTSET");
  const bool same = mode.starts_with("SAME");
  const bool ceil = attrs.get_int("ceil_mode", 0) != 0;
  for (int a = kSpatial - w->rank; a < kSpatial; ++a) {
    const int64_t extent = w->in[a], stride = w->stride[a];
    if (extent == 0) {
      w->out[a] = 0;
      continue;
    }
    if (same) {
      w->out[a] = divide(extent, stride, true);
      const int64_t pad = std::max<int64_t>((w->out[a] - 1) * stride + w->effective(a) - extent, 0);
      w->pad_begin[a] = mode == "SAME_LOWER" ? pad - pad / 2 : pad / 2;
      w->pad_end[a] = pad - w->pad_begin[a];
      continue;
    }
    const int64_t room = extent + w->pad_begin[a] + w->pad_end[a] - w->effective(a);
    if (room < 0) {
      return bad(op, "a window of " + std::to_string(w->effective(a)) +
                         " does not fit an input of " + std::to_string(extent) + " with its pads");
    }
    w->out[a] = divide(room, stride, ceil) + 1;
    // A window that would start in the end padding is left out.
    if (ceil && (w->out[a] - 1) * stride >= extent + w->pad_begin[a]) --w->out[a];
  }
  return {};
}

}  // namespace fettle::ops
