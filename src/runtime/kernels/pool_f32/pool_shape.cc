// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_shape.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

bool read_axis(const OpCall& call, int i, int rank, PoolAxis* a) {
  const auto at = [&](const char* name, int index, int64_t fallback) {
    const std::span<const int64_t> v = call.attrs.get_ints(name);
    return index < static_cast<int>(v.size()) ? v[index] : fallback;
  };
  a->kernel = at("kernel_shape", i, 0);
  a->stride = at("strides", i, 1);
  a->dilation = at("dilations", i, 1);
  a->pad_begin = at("pads", i, 0);
  a->pad_end = at("pads", i + rank, 0);
  const std::string_view mode = call.attrs.get_string("auto_pad");
  if (mode == "VALID") {
    a->pad_begin = a->pad_end = 0;
  } else if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    const int64_t reach = (a->out - 1) * a->stride + (a->kernel - 1) * a->dilation + 1;
    const int64_t total = std::max<int64_t>(reach - a->in, 0);
    a->pad_begin = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    a->pad_end = total - a->pad_begin;
  }
  return a->kernel > 0 && a->stride > 0 && a->dilation > 0 && a->pad_begin >= 0 && a->pad_end >= 0;
}

// Bit i: axis i is reduced.
bool reduced_axes(const OpCall& call, unsigned* mask) {
  const int rank = call.in[0].dims.rank();
  *mask = 0;
  if (call.has_in(1)) {
    if (call.in[1].data == nullptr) return false;
    for (const int64_t axis : to_int64(call.in[1])) {
      if (axis < -rank || axis >= rank) return false;
      *mask |= 1U << (axis < 0 ? axis + rank : axis);
    }
  }
  if (*mask == 0 && call.attrs.get_int("noop_with_empty_axes") == 0) *mask = (1U << rank) - 1;
  return true;
}
}  // namespace

PoolTaps PoolAxis::taps_of(int64_t at) const {
  const int64_t origin = at * stride - pad_begin;
  const int64_t first = origin >= 0 ? 0 : ceil_div(-origin, dilation);
  const int64_t last = origin >= in ? 0 : std::min(kernel, ceil_div(in - origin, dilation));
  return {std::max<int64_t>(last - first, 0), origin + first * dilation};
}

int64_t PoolAxis::count_of(int64_t at, bool include_pad) const {
  if (!include_pad) return taps_of(at).count;
  const int64_t left = in + pad_begin + pad_end - at * stride;
  return std::min(kernel, ceil_div(left, dilation));
}

void PoolAxis::whole_windows(int64_t* first, int64_t* last) const {
  *first = std::min(out, ceil_div(pad_begin, stride));
  const int64_t room = in + pad_begin - (kernel - 1) * dilation - 1;
  *last = room < 0 ? 0 : std::min(out, room / stride + 1);
  *last = std::max(*first, *last);
}

bool read_pool_shape(const OpCall& call, bool global, PoolShape* shape) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (call.out.size() != 1) return false;
  const int rank = x.dims.rank() - 2;
  if (rank < 1 || rank > 2 || y.dims.rank() != rank + 2 || x.dynamic || y.dynamic) return false;
  if (call.attrs.get_string("layout") != "nhwc") return false;
  if (x.elements() == 0 || y.elements() == 0) return false;
  PoolShape s;
  s.batch = x.dims[0];
  s.channels = x.dims.back();
  s.count_include_pad = call.attrs.get_int("count_include_pad") != 0;
  for (int i = 0; i < rank; ++i) {
    PoolAxis& a = i == rank - 1 ? s.w : s.h;
    a.in = x.dims[i + 1];
    a.out = y.dims[i + 1];
    if (global) {
      a.kernel = a.in;
      if (a.out != 1) return false;
    } else if (!read_axis(call, i, rank, &a)) {
      return false;
    }
  }
  *shape = s;
  return true;
}

bool read_reduce_shape(const OpCall& call, ReduceShape* shape) {
  const TensorView &x = call.in[0], &y = call.out[0];
  unsigned mask;
  if (x.dynamic || y.dynamic || x.elements() == 0 || !reduced_axes(call, &mask)) return false;
  ReduceShape s;
  bool any = false;
  for (int i = 0; i < x.dims.rank(); ++i) {
    if (x.dims[i] == 1) continue;
    if ((mask >> i & 1U) == 0) {
      (any ? s.inner : s.outer) *= x.dims[i];
      continue;
    }
    if (s.inner != 1) return false;
    any = true;
    s.taps_h *= s.taps_w;
    s.taps_w = x.dims[i];
  }
  if (!any) std::swap(s.outer, s.inner);  // a copy
  if (y.elements() != s.outer * s.inner) return false;
  *shape = s;
  return true;
}

}  // namespace fettle::runtime
