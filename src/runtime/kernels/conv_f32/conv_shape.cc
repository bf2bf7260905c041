// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_f32/conv_shape.h"

namespace fettle::runtime {

bool read_conv(const OpCall& call, ConvShape* shape) {
  if (call.in.size() < 2 || call.out.size() != 1) return false;
  const TensorView& x = call.in[0];
  const TensorView& w = call.in[1];
  const TensorView& y = call.out[0];
  if (x.dtype != DType::f32 || w.dtype != DType::f32 || y.dtype != DType::f32) return false;
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
  s.groups = call.attrs.get_int("group", 1);
  if (!read_activation(call.attrs, &s.activation)) return false;
  if (x.elements() == 0 || w.elements() == 0 || y.elements() == 0) return false;
  if (s.stride_h < 1 || s.stride_w < 1 || s.dilation_h < 1 || s.dilation_w < 1) return false;
  if (s.pad_top < 0 || s.pad_left < 0 || s.groups < 1) return false;
  if (s.in_c % s.groups != 0 || s.out_c % s.groups != 0) return false;
  if (y.dims[0] != s.batch || w.dims[0] != s.out_c || w.dims[3] != s.group_in()) return false;
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
