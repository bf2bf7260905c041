// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_kernel_f32.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
constexpr int64_t kSliceChannels = 64;  // slices are multiples of this

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

bool read_pool(const OpCall& call, bool global, PoolShape* shape, Activation* activation) {
  return call.in[0].dtype == DType::f32 && call.out[0].dtype == DType::f32 &&
         read_activation(call.attrs, activation) && read_pool_shape(call, global, shape);
}
}  // namespace

bool supports_pool_f32(const OpCall& call, bool global) {
  PoolShape shape;
  Activation activation;
  return read_pool(call, global, &shape, &activation);
}

Status PoolKernelF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_pool(call, global_, &shape_, &activation_))
    return unsupported("pool_f32: not a pool it takes");
  windows_ = pool_f32(options.isa).windows[static_cast<int>(join_)];
  const Activation none, &a = activation_;
  const bool idle = a.is_clamp() && a.lo == none.lo && a.hi == none.hi;
  activate_ = idle ? nullptr : activation_f32(options.isa).fn;
  const int64_t rows = shape_.batch * shape_.h.out;
  slices_ = slices_for(rows, ceil_div(shape_.channels, kSliceChannels), options.threads);
  return {};
}

void PoolKernelF32::run_row(const float* x, float* y, int64_t row, int64_t c0, int64_t c1) const {
  const PoolShape& s = shape_;
  const int64_t image = row / s.h.out, oh = row % s.h.out;
  const PoolTaps high = s.h.taps_of(oh);
  const int64_t count_h = s.h.count_of(oh, s.count_include_pad);
  const float* in_row = x + (image * s.h.in + high.start) * s.w.in * s.channels + c0;
  float* out_row = y + row * s.w.out * s.channels + c0;
  int64_t whole_first, whole_last;
  s.w.whole_windows(&whole_first, &whole_last);
  PoolF32Windows w{};
  w.in_step = s.w.stride * s.channels;
  w.in_row_step = s.h.dilation * s.w.in * s.channels;
  w.in_column_step = s.w.dilation * s.channels;
  w.out_step = s.channels;
  w.channels = c1 - c0;
  for (int64_t ow = 0; ow < s.w.out; ow += w.columns) {
    const PoolTaps wide = s.w.taps_of(ow);
    w.columns = ow >= whole_first && ow < whole_last ? whole_last - ow : 1;
    w.taps_w = wide.count;
    w.taps_h = wide.count > 0 ? high.count : 0;
    w.in = w.taps_h > 0 ? in_row + wide.start * s.channels : x;
    w.out = out_row + ow * s.channels;
    const int64_t count = count_h * s.w.count_of(ow, s.count_include_pad);
    w.scale =
        join_ == PoolF32Join::sum ? 1.0F / static_cast<float>(std::max<int64_t>(count, 1)) : 1.0F;
    windows_(w);
  }
  if (activate_ != nullptr) {
    activate_(activation_, out_row, out_row, s.w.out, c1 - c0, s.channels);
  }
}

Status PoolKernelF32::run(const OpCall& call, ThreadPool& pool) {
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t rows = shape_.batch * shape_.h.out;
  const int64_t wholes = ceil_div(shape_.channels, kSliceChannels);
  const int64_t units = rows * slices_;
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t u = begin; u < end; ++u) {
      const int64_t slice = u / rows;
      const int64_t c0 = slice * wholes / slices_ * kSliceChannels;
      const int64_t c1 = std::min(shape_.channels, (slice + 1) * wholes / slices_ * kSliceChannels);
      run_row(x, y, u % rows, c0, c1);
    }
  });
  return {};
}

void PoolKernelF32::run_rows(const OpCall& call, Rows out) {
  for (int64_t row = out.begin; row < out.end; ++row) {
    run_row(call.in[0].as<float>(), call.out[0].as_mutable<float>(), row, 0, shape_.channels);
  }
}

}  // namespace fettle::runtime
