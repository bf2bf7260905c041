// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_f32/conv_shape.h"

namespace fettle::runtime {

namespace {

// What auto_pad SAME_UPPER or SAME_LOWER puts before an axis, given what comes out of it.
int64_t same_pad(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                 bool upper) {
  const int64_t reach = (out - 1) * stride + (kernel - 1) * dilation + 1;
  const int64_t total = reach > in ? reach - in : 0;
  return upper ? total / 2 : total - total / 2;
}

}  // namespace

bool read_conv_extents(const OpCall& call, ConvShape* shape) {
  if (call.in.size() < 2 || call.out.size() != 1) return false;
  const TensorView& x = call.in[0];
  const TensorView& w = call.in[1];
  const TensorView& y = call.out[0];
  if (x.dims.rank() != 4 || w.dims.rank() != 4 || y.dims.rank() != 4) return false;
  if (x.dynamic || w.dynamic || y.dynamic || w.data == nullptr) return false;
  if (call.attrs.get_string("layout") != "nhwc") return false;
  const auto at = [&](const char* name, size_t i, int64_t fallback) {
    const std::span<const int64_t> v = call.attrs.get_ints(name);
    return i < v.size() ? v[i] : fallback;
  };
  ConvShape s;
  s.batch = x.dims[0];
  s.in_h = x.dims[1];
  s.in_w = x.dims[2];
  s.in_c = x.dims[3];
  s.out_h = y.dims[1];
  s.out_w = y.dims[2];
  s.out_c = y.dims[3];
  s.kernel_h = w.dims[1];
  s.kernel_w = w.dims[2];
  s.stride_h = at("strides", 0, 1);
  s.stride_w = at("strides", 1, 1);
  s.dilation_h = at("dilations", 0, 1);
  s.dilation_w = at("dilations", 1, 1);
  s.pad_top = at("pads", 0, 0);
  s.pad_left = at("pads", 1, 0);
  const std::string_view auto_pad = call.attrs.get_string("auto_pad", "NOTSET");
  if (auto_pad == "VALID") {
    s.pad_top = s.pad_left = 0;
  } else if (auto_pad.starts_with("SAME")) {
    const bool upper = auto_pad == "SAME_UPPER";
    s.pad_top = same_pad(s.in_h, s.out_h, s.kernel_h, s.stride_h, s.dilation_h, upper);
    s.pad_left = same_pad(s.in_w, s.out_w, s.kernel_w, s.stride_w, s.dilation_w, upper);
  }
  s.groups = call.attrs.get_int("group", 1);
  if (!read_activation(call.attrs, &s.activation)) return false;
  if (x.elements() == 0 || w.elements() == 0 || y.elements() == 0) return false;
  if (s.stride_h < 1 || s.stride_w < 1 || s.dilation_h < 1 || s.dilation_w < 1) return false;
  if (s.pad_top < 0 || s.pad_left < 0 || s.groups < 1) return false;
  if (s.in_c % s.groups != 0 || s.out_c % s.groups != 0) return false;
  if (y.dims[0] != s.batch || w.dims[0] != s.out_c || w.dims[3] != s.group_in()) return false;
  *shape = s;
  return true;
}

bool read_conv(const OpCall& call, ConvShape* shape) {
  ConvShape s;
  if (!read_conv_extents(call, &s)) return false;
  const TensorView& y = call.out[0];
  if (call.in[0].dtype != DType::f32 || call.in[1].dtype != DType::f32 || y.dtype != DType::f32) {
    return false;
  }
  if (call.has_in(2)) {
    const TensorView& bias = call.in[2];
    if (bias.dtype != DType::f32 || bias.data == nullptr || bias.elements() != s.out_c) {
      return false;
    }
  }
  if (call.has_in(3) && (call.in[3].dtype != DType::f32 || call.in[3].dims != y.dims)) {
    return false;
  }
  *shape = s;
  return true;
}

}  // namespace fettle::runtime
