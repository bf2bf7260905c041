// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i8/pool_kernels_i8.h"

#include <algorithm>
#include <cmath>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

// Slices are multiples of this: of what a vector of codes takes on any instruction set.
constexpr int64_t kSliceChannels = 64;
constexpr int64_t kWorthSlices = 16384;  // codes

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Largest and least codes stay what they are. A sum reads its operand's range like every sum.
bool read_scale(const OpCall& call, PoolI8Join join, PoolScaleI8* scale) {
  const TensorView &x = call.in[0], &y = call.out[0];
  if (x.dtype != DType::i8 || y.dtype != DType::i8) return false;
  if (join != PoolI8Join::sum) return call.attrs.get_string("activation", "none") == "none";
  Requantizer output;
  if (!is_activation_i8(x) || !is_activation_i8(y) || !read_output(call, &output)) return false;
  const std::string_view ties = call.attrs.get_string("ties", "even");
  scale->ties = ties == "up"     ? MeanTiesI8::up
                : ties == "away" ? MeanTiesI8::away
                                 : MeanTiesI8::even;
  scale->from = x.quant->scale[0];
  scale->to = y.quant->scale[0];
  scale->in_zero_point = x.quant->zero_point[0];
  scale->zero_point = output.zero_point;
  scale->lo = static_cast<float>(output.low - output.zero_point);
  scale->hi = static_cast<float>(output.high - output.zero_point);
  return true;
}

// sum / count to the nearest integer.
int64_t mean_code(int64_t sum, int64_t count, MeanTiesI8 ties) {
  if (sum >= 0) return (sum + count / 2) / count;
  const int64_t half = ties == MeanTiesI8::away ? count / 2 : (count - 1) / 2;
  return (sum - half) / count;
}

// The window's sum of `taps` codes, divided by `count`.
void set_scale(const PoolScaleI8& scale, int64_t taps, int64_t count, PoolI8Windows* w) {
  w->initial = static_cast<int32_t>(-taps * scale.in_zero_point);
  w->multiplier = requantize_multiplier(scale.from, scale.to * static_cast<float>(count));
  w->lo = scale.lo;
  w->hi = scale.hi;
  w->zero_point = scale.zero_point;
}

// Slice `slice` of `slices`, of whole vectors.
void slice_of(int64_t channels, int64_t slice, int64_t slices, int64_t* c0, int64_t* c1) {
  const int64_t wholes = ceil_div(channels, kSliceChannels);
  *c0 = slice * wholes / slices * kSliceChannels;
  *c1 = std::min(channels, (slice + 1) * wholes / slices * kSliceChannels);
}

bool read_pool(const OpCall& call, PoolI8Join join, bool global, PoolShape* s, PoolScaleI8* scale) {
  return read_scale(call, join, scale) && read_pool_shape(call, global, s) &&
         s->h.kernel <= kMostPoolI8Taps / s->w.kernel;
}

bool read_reduce(const OpCall& call, PoolI8Join join, ReduceShape* s, PoolScaleI8* scale) {
  if (!read_scale(call, join, scale) || !read_reduce_shape(call, s)) return false;
  return s->taps_h * s->taps_w <= kMostPoolI8Taps && (join == PoolI8Join::sum || s->inner > 1);
}

}  // namespace

bool supports_pool_i8(const OpCall& call, PoolI8Join join, bool global) {
  PoolShape shape;
  PoolScaleI8 scale;
  return read_pool(call, join, global, &shape, &scale);
}

Status PoolKernelI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_pool(call, join_, global_, &shape_, &scale_)) {
    return unsupported("pool_i8: not a pool it takes");
  }
  threads_ = options.threads;
  windows_ = pool_i8(options.isa).windows[static_cast<int>(join_)];
  if (scale_.ties != MeanTiesI8::even) {
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
    const auto low = static_cast<int64_t>(w.lo) + w.zero_point;
    const auto high = static_cast<int64_t>(w.hi) + w.zero_point;
    for (int64_t c = 0; c < w.channels; ++c) {
      const int64_t mean = mean_code(sums[c], count, scale_.ties);
      w.out[c] = static_cast<int8_t>(std::clamp(mean, low, high));
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
  PoolScaleI8 scale;
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
  const Requantizer quantize{w.zero_point, w.zero_point + static_cast<int32_t>(w.lo),
                             w.zero_point + static_cast<int32_t>(w.hi)};
  for (int64_t r = first; r < last; ++r) {
    const int32_t sum = kernels_->row_sum(x + r * taps, taps);
    y[r] = static_cast<int8_t>(quantize(w.initial + sum, w.multiplier));
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
