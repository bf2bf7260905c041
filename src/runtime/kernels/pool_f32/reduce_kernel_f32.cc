// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/reduce_kernel_f32.h"

#include <algorithm>

namespace fettle::runtime {

namespace {
constexpr int64_t kSliceChannels = 64;  // slices of inner are multiples of this

bool read_reduce_f32(const OpCall& call, ReduceShape* shape) {
  return call.in[0].dtype == DType::f32 && call.out[0].dtype == DType::f32 &&
         read_reduce_shape(call, shape);
}
}  // namespace

bool supports_reduce_f32(const OpCall& call) {
  ReduceShape shape;
  return read_reduce_f32(call, &shape);
}

Status ReduceKernelF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_reduce_f32(call, &shape_)) return unsupported("reduce_f32: not one it takes");
  kernels_ = &pool_f32(options.isa);
  const int64_t wholes = (shape_.inner + kSliceChannels - 1) / kSliceChannels;
  if (options.threads > 1) slices_ = std::min<int64_t>(wholes, 4 * options.threads);
  return {};
}

Status ReduceKernelF32::run(const OpCall& call, ThreadPool& pool) {
  const ReduceShape& s = shape_;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t taps = s.taps_h * s.taps_w;
  const float scale = mean_ ? 1.0F / static_cast<float>(taps) : 1.0F;
  const int join = static_cast<int>(join_);
  const int64_t wholes = (s.inner + kSliceChannels - 1) / kSliceChannels;
  const int64_t units = s.outer * slices_;
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int) {
    if (s.inner == 1) {
      kernels_->rows[join](x + begin * taps, y + begin, end - begin, taps, scale);
      return;
    }
    for (int64_t u = begin; u < end; ++u) {
      const int64_t outer = u / slices_, slice = u % slices_;
      const int64_t c0 = slice * wholes / slices_ * kSliceChannels;
      const int64_t c1 = std::min(s.inner, (slice + 1) * wholes / slices_ * kSliceChannels);
      PoolF32Windows w{};
      w.in = x + outer * taps * s.inner + c0;
      w.in_row_step = s.taps_w * s.inner;
      w.in_column_step = s.inner;
      w.taps_h = s.taps_h;
      w.taps_w = s.taps_w;
      w.out = y + outer * s.inner + c0;
      w.columns = 1;
      w.channels = c1 - c0;
      w.scale = scale;
      kernels_->windows[join](w);
    }
  });
  return {};
}

}  // namespace fettle::runtime
