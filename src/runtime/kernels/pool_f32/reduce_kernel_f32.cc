// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/reduce_kernel_f32.h"

#include <algorithm>

#include "runtime/kernels/gemm_f32/gemm_blocks.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kSliceChannels = 64;  // slices of inner are multiples of this

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

bool read_reduce_f32(const OpCall& call, ReduceShapeF32* shape) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (x.dtype != DType::f32 || y.dtype != DType::f32 || x.dynamic || y.dynamic) return false;
  unsigned mask;
  if (x.elements() == 0 || !reduced_axes(call, &mask)) return false;
  ReduceShapeF32 s;
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

bool supports_reduce_f32(const OpCall& call) {
  ReduceShapeF32 shape;
  return read_reduce_f32(call, &shape);
}

Status ReduceKernelF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_reduce_f32(call, &shape_)) return unsupported("reduce_f32: not one it takes");
  threads_ = options.threads;
  kernels_ = &pool_f32(options.isa);
  const int64_t wholes = (shape_.inner + kSliceChannels - 1) / kSliceChannels;
  if (threads_ > 1) slices_ = std::min<int64_t>(wholes, 4 * threads_);
  return {};
}

Status ReduceKernelF32::run(const OpCall& call, ThreadPool& pool) {
  const ReduceShapeF32& s = shape_;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const int64_t taps = s.taps_h * s.taps_w;
  const float scale = mean_ ? 1.0F / static_cast<float>(taps) : 1.0F;
  const int join = static_cast<int>(join_);
  const int64_t wholes = (s.inner + kSliceChannels - 1) / kSliceChannels;
  const int64_t units = s.outer * slices_, pieces = pieces_of(units, threads_);
  pool.parallel_for(pieces, 1, [&](int64_t begin, int64_t end, int) {
    const int64_t first = piece_begin(units, pieces, begin);
    const int64_t last = piece_begin(units, pieces, end);
    if (s.inner == 1) {
      kernels_->rows[join](x + first * taps, y + first, last - first, taps, scale);
      return;
    }
    for (int64_t u = first; u < last; ++u) {
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
