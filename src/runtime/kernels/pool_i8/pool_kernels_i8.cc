// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i8/pool_kernels_i8.h"

#include <algorithm>

namespace fettle::runtime {

namespace {

// Slices are multiples of this: of what a vector of codes takes on any instruction set.
constexpr int64_t kSliceChannels = 64;
constexpr int64_t kWorthSlices = 16384;  // codes

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Largest and least codes stay what they are. A sum reads its operand's range like every sum.
bool read_scale(const OpCall& call, PoolI8Join join, PoolScale* scale) {
  return join == PoolI8Join::sum ? read_pool_scale(call, DType::i8, scale)
                                 : keeps_codes(call, DType::i8);
}

// The window's sum of `taps` codes, divided by `count`.
void set_scale(const PoolScale& scale, int64_t taps, int64_t count, PoolI8Windows* w) {
  w->initial = static_cast<int32_t>(-taps * scale.in_zero_point);
  w->multiplier = scale.multiplier(count);
  w->lo = scale.lo();
  w->hi = scale.hi();
  w->zero_point = scale.output.zero_point;
}

// Slice `slice` of `slices`, of whole vectors.
void slice_of(int64_t channels, int64_t slice, int64_t slices, int64_t* c0, int64_t* c1) {
  const int64_t wholes = ceil_div(channels, kSliceChannels);
  *c0 = slice * wholes / slices * kSliceChannels;
  *c1 = std::min(channels, (slice + 1) * wholes / slices * kSliceChannels);
}

bool read_pool(const OpCall& call, PoolI8Join join, bool global, PoolShape* s, PoolScale* scale) {
  return read_scale(call, join, scale) && read_pool_shape(call, global, s) &&
         s->h.kernel <= kMostPoolI8Taps / s->w.kernel;
}

bool read_reduce(const OpCall& call, PoolI8Join join, ReduceShape* s, PoolScale* scale) {
  if (!read_scale(call, join, scale) || !read_reduce_shape(call, s)) return false;
  return s->taps_h * s->taps_w <= kMostPoolI8Taps && (join == PoolI8Join::sum || s->inner > 1);
}

}  // namespace

bool supports_pool_i8(const OpCall& call, PoolI8Join join, bool global) {
  PoolShape shape;
  PoolScale scale;
  return read_pool(call, join, global, &shape, &scale);
}

Status PoolKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_pool(call, join_, global_, &shape_, &scale_)) {
    return unsupported("pool_i8: not a pool it takes");
  }
  threads_ = options.threads;
  windows_ = pool_i8(options.isa).windows[static_cast<int>(join_)];
  if (scale_.ties != MeanTies::even) {
    sum_bytes_ = static_cast<size_t>(ceil_div(shape_.channels * 4, 64) * 64);
  }
  const int64_t rows = shape_.batch * shape_.h.out;
  slices_ = slices_for(rows, ceil_div(shape_.channels, kSliceChannels), threads_);
  return {};
}

void PoolKernelI8::run_row(const int8_t* x, int8_t* y, int64_t row, int64_t c0, int64_t c1,
                           int32_t* sums) const {
  const PoolShape& s = shape_;
  const int64_t image = row / s.h.out, oh = row % s.h.out;
  const PoolTaps high = s.h.taps_of(oh);
  const int64_t count_h = s.h.count_of(oh, s.count_include_pad);
  const int8_t* in_row = x + (image * s.h.in + high.start) * s.w.in * s.channels + c0;
  int8_t* out_row = y + row * s.w.out * s.channels + c0;
  int64_t whole_first, whole_last;
  s.w.whole_windows(&whole_first, &whole_last);
  PoolI8Windows w{};
  w.in_step = s.w.stride * s.channels;
  w.in_row_step = s.h.dilation * s.w.in * s.channels;
  w.in_column_step = s.w.dilation * s.channels;
  w.out_step = s.channels;
  w.channels = c1 - c0;
  for (int64_t ow = 0; ow < s.w.out; ow += w.columns) {
    const PoolTaps wide = s.w.taps_of(ow);
    const bool whole = ow >= whole_first && ow < whole_last && sums == nullptr;
    w.columns = whole ? whole_last - ow : 1;
    w.taps_w = wide.count;
    w.taps_h = wide.count > 0 ? high.count : 0;
    w.in = w.taps_h > 0 ? in_row + wide.start * s.channels : x;
    w.out = out_row + ow * s.channels;
    const int64_t counted = count_h * s.w.count_of(ow, s.count_include_pad);
    const int64_t count = std::max<int64_t>(counted, 1);
    set_scale(scale_, w.taps_h * w.taps_w, count, &w);
    if (sums == nullptr) {
      windows_(w);
      continue;
    }
    w.sums = sums;
    w.initial = 0;
    windows_(w);
    for (int64_t c = 0; c < w.channels; ++c) {
      w.out[c] = static_cast<int8_t>(scale_.mean_of_codes(sums[c], count));
    }
  }
}

Status PoolKernelI8::run(const OpCall& call, ThreadPool& pool) {
  const int8_t* x = call.in[0].as<int8_t>();
  int8_t* y = call.out[0].as_mutable<int8_t>();
  const int64_t rows = shape_.batch * shape_.h.out;
  const int64_t units = rows * slices_;
  std::byte* scratch = call.scratch.data();
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    int32_t* sums = sums_of(scratch + static_cast<size_t>(thread) * sum_bytes_);
    for (int64_t u = begin; u < end; ++u) {
      int64_t c0, c1;
      slice_of(shape_.channels, u / rows, slices_, &c0, &c1);
      run_row(x, y, u % rows, c0, c1, sums);
    }
  });
  return {};
}

void PoolKernelI8::run_rows(const OpCall& call, Rows out) {
  const int8_t* x = call.in[0].as<int8_t>();
  int8_t* y = call.out[0].as_mutable<int8_t>();
  int32_t* sums = sums_of(call.scratch.data());
  for (int64_t row = out.begin; row < out.end; ++row) {
    run_row(x, y, row, 0, shape_.channels, sums);
  }
}

bool supports_reduce_i8(const OpCall& call, PoolI8Join join) {
  ReduceShape shape;
  PoolScale scale;
  return read_reduce(call, join, &shape, &scale);
}

Status ReduceKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_reduce(call, join_, &shape_, &scale_)) {
    return unsupported("reduce_i8: not one it takes");
  }
  kernels_ = &pool_i8(options.isa);
  const int64_t codes = shape_.taps_h * shape_.taps_w * shape_.inner;
  if (options.threads > 1 && codes >= kWorthSlices) {
    slices_ = std::min<int64_t>(ceil_div(shape_.inner, kSliceChannels), 4 * options.threads);
  }
  return {};
}

// Rows of neighbouring codes.
void ReduceKernelI8::sum_rows(const int8_t* x, int8_t* y, int64_t first, int64_t last) const {
  const int64_t taps = shape_.taps_h * shape_.taps_w;
  PoolI8Windows w{};
  set_scale(scale_, taps, mean_ ? taps : 1, &w);
  for (int64_t r = first; r < last; ++r) {
    const int32_t sum = kernels_->row_sum(x + r * taps, taps);
    y[r] = static_cast<int8_t>(scale_.output(w.initial + sum, w.multiplier));
  }
}

Status ReduceKernelI8::run(const OpCall& call, ThreadPool& pool) {
  const ReduceShape& s = shape_;
  const int8_t* x = call.in[0].as<int8_t>();
  int8_t* y = call.out[0].as_mutable<int8_t>();
  const int64_t taps = s.taps_h * s.taps_w;
  const int64_t units = s.outer * slices_;
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int) {
    if (s.inner == 1) return sum_rows(x, y, begin, end);
    for (int64_t u = begin; u < end; ++u) {
      const int64_t outer = u / slices_;
      int64_t c0, c1;
      slice_of(s.inner, u % slices_, slices_, &c0, &c1);
      PoolI8Windows w{};
      w.in = x + outer * taps * s.inner + c0;
      w.in_row_step = s.taps_w * s.inner;
      w.in_column_step = s.inner;
      w.taps_h = s.taps_h;
      w.taps_w = s.taps_w;
      w.out = y + outer * s.inner + c0;
      w.columns = 1;
      w.channels = c1 - c0;
      set_scale(scale_, taps, mean_ ? taps : 1, &w);
      kernels_->windows[static_cast<int>(join_)](w);
    }
  });
  return {};
}

}  // namespace fettle::runtime
