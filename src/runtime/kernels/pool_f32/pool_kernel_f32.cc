// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_kernel_f32.h"

#include <algorithm>

#include "runtime/kernels/gemm_f32/gemm_blocks.h"

namespace fettle::runtime {

namespace {
using Axis = PoolShapeF32::Axis;
constexpr int64_t kSliceChannels = 64;  // slices are multiples of this

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Taps of output position `at` that lie in the input, and where the first is.
struct Taps {
  int64_t count, start;
};
Taps taps_of(const Axis& a, int64_t at) {
  const int64_t origin = at * a.stride - a.pad_begin;
  const int64_t first = origin >= 0 ? 0 : ceil_div(-origin, a.dilation);
  const int64_t last = origin >= a.in ? 0 : std::min(a.kernel, ceil_div(a.in - origin, a.dilation));
  return {std::max<int64_t>(last - first, 0), origin + first * a.dilation};
}

// What an average divides by along an axis: padding counts where it is asked for, but not what
// ceil_mode lets a window reach beyond it.
int64_t count_of(const Axis& a, int64_t at, bool include_pad) {
  if (!include_pad) return taps_of(a, at).count;
  const int64_t left = a.in + a.pad_begin + a.pad_end - at * a.stride;
  return std::min(a.kernel, ceil_div(left, a.dilation));
}

// Output positions [first, last) whose windows lie in the input as a whole.
void whole_windows(const Axis& a, int64_t* first, int64_t* last) {
  *first = std::min(a.out, ceil_div(a.pad_begin, a.stride));
  const int64_t room = a.in + a.pad_begin - (a.kernel - 1) * a.dilation - 1;
  *last = room < 0 ? 0 : std::min(a.out, room / a.stride + 1);
  *last = std::max(*first, *last);
}

bool read_axis(const OpCall& call, int i, int rank, Axis* a) {
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
}  // namespace

bool read_pool_f32(const OpCall& call, bool global, PoolShapeF32* shape) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (call.out.size() != 1 || x.dtype != DType::f32 || y.dtype != DType::f32) return false;
  const int rank = x.dims.rank() - 2;
  if (rank < 1 || rank > 2 || y.dims.rank() != rank + 2 || x.dynamic || y.dynamic) return false;
  if (call.attrs.get_string("layout") != "nhwc") return false;
  if (x.elements() == 0 || y.elements() == 0) return false;
  PoolShapeF32 s{};
  if (!read_activation(call.attrs, &s.activation)) return false;
  s.batch = x.dims[0];
  s.channels = x.dims.back();
  s.count_include_pad = call.attrs.get_int("count_include_pad") != 0;
  for (int i = 0; i < rank; ++i) {
    Axis& a = i == rank - 1 ? s.w : s.h;
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

Status PoolKernelF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_pool_f32(call, global_, &shape_)) return unsupported("pool_f32: not a pool it takes");
  threads_ = options.threads;
  windows_ = pool_f32(options.isa).windows[static_cast<int>(join_)];
  const Activation none, &a = shape_.activation;
  const bool idle = a.is_clamp() && a.lo == none.lo && a.hi == none.hi;
  activate_ = idle ? nullptr : activation_f32(options.isa).fn;
  const int64_t rows = shape_.batch * shape_.h.out;
  if (threads_ > 1) {
    slices_ =
        std::min(ceil_div(shape_.channels, kSliceChannels), ceil_div(int64_t{4} * threads_, rows));
  }
  return {};
}

void PoolKernelF32::run_row(const float* x, float* y, int64_t row, int64_t c0, int64_t c1) const {
  const PoolShapeF32& s = shape_;
  const int64_t image = row / s.h.out, oh = row % s.h.out;
  const Taps high = taps_of(s.h, oh);
  const int64_t count_h = count_of(s.h, oh, s.count_include_pad);
  const float* in_row = x + (image * s.h.in + high.start) * s.w.in * s.channels + c0;
  float* out_row = y + row * s.w.out * s.channels + c0;
  int64_t whole_first, whole_last;
  whole_windows(s.w, &whole_first, &whole_last);
  PoolF32Windows w{};
  w.in_step = s.w.stride * s.channels;
  w.in_row_step = s.h.dilation * s.w.in * s.channels;
  w.in_column_step = s.w.dilation * s.channels;
  w.out_step = s.channels;
  w.channels = c1 - c0;
  for (int64_t ow = 0; ow < s.w.out; ow += w.columns) {
    const Taps wide = taps_of(s.w, ow);
    w.columns = ow >= whole_first && ow < whole_last ? whole_last - ow : 1;
    w.taps_w = wide.count;
    w.taps_h = wide.count > 0 ? high.count : 0;
    w.in = w.taps_h > 0 ? in_row + wide.start * s.channels : x;
    w.out = out_row + ow * s.channels;
    const int64_t count = count_h * count_of(s.w, ow, s.count_include_pad);
    w.scale =
        join_ == PoolF32Join::sum ? 1.0F / static_cast<float>(std::max<int64_t>(count, 1)) : 1.0F;
    windows_(w);
  }
  if (activate_ != nullptr) {
    activate_(s.activation, out_row, out_row, s.w.out, c1 - c0, s.channels);
  }
}

Status PoolKernelF32::run(const OpCall& call, ThreadPool& pool) {
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t rows = shape_.batch * shape_.h.out;
  const int64_t wholes = ceil_div(shape_.channels, kSliceChannels);
  const int64_t units = rows * slices_, pieces = pieces_of(units, threads_);
  pool.parallel_for(pieces, 1, [&](int64_t begin, int64_t end, int) {
    const int64_t last = piece_begin(units, pieces, end);
    for (int64_t u = piece_begin(units, pieces, begin); u < last; ++u) {
      const int64_t slice = u / rows;
      const int64_t c0 = slice * wholes / slices_ * kSliceChannels;
      const int64_t c1 = std::min(shape_.channels, (slice + 1) * wholes / slices_ * kSliceChannels);
      run_row(x, y, u % rows, c0, c1);
    }
  });
  return {};
}

}  // namespace fettle::runtime
