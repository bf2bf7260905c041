// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i16/pool_kernels_i16.h"

#include <algorithm>

#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kSlice = 256;  // channels whose sums are made together
constexpr double kMostResult = 0x1p30;

int64_t slices_of(int64_t channels) { return (channels + kSlice - 1) / kSlice; }

// `codes`: what a result is the scaled sum of, at most.
bool read_scale(const OpCall& call, int64_t codes, PoolScale* scale) {
  return read_pool_scale(call, DType::i16, scale) &&
         static_cast<double>(codes * kMostCodeI16) * scale->multiplier(1) < kMostResult;
}

bool read_average(const OpCall& call, bool global, PoolShape* shape, PoolScale* scale) {
  return read_scale(call, 1, scale) && read_pool_shape(call, global, shape) &&
         shape->h.kernel <= kMostPoolI16Taps / shape->w.kernel;
}

bool read_reduce(const OpCall& call, bool mean, ReduceShape* shape, PoolScale* scale) {
  if (!read_reduce_shape(call, shape) || shape->inner == 1) return false;
  const int64_t taps = shape->taps_h * shape->taps_w;
  return taps <= kMostPoolI16Taps && read_scale(call, mean ? 1 : taps, scale);
}

// The window of output (row, column), as of channel 0; rows count over the batch.
PoolI16Window window_at(const PoolShape& s, const int16_t* x, int64_t row, int64_t column) {
  const PoolTaps high = s.h.taps_of(row % s.h.out), wide = s.w.taps_of(column);
  const int64_t in_row = s.w.in * s.channels;
  PoolI16Window w{.in = x, .channels = s.channels};
  if (high.count == 0 || wide.count == 0) return w;
  w.in = x + (row / s.h.out * s.h.in + high.start) * in_row + wide.start * s.channels;
  w.taps_h = high.count;
  w.taps_w = wide.count;
  w.row_step = s.h.dilation * in_row;
  w.tap_step = s.w.dilation * s.channels;
  return w;
}

// At most kSlice channels of a window, their sums divided by `count`.
void scaled_sums(const PoolI16& kernels, const PoolI16Window& w, const PoolScale& scale,
                 int64_t count, int16_t* out) {
  int32_t sums[kSlice];
  kernels.sum(w, sums);
  if (scale.ties == MeanTies::even) {
    kernels.scale(sums, scale.multiplier(count), scale.lo(), scale.hi(), out, w.channels);
    return;
  }
  for (int64_t c = 0; c < w.channels; ++c) {
    out[c] = static_cast<int16_t>(scale.mean_of_codes(sums[c], count));
  }
}

}  // namespace

bool supports_max_pool_i16(const OpCall& call) {
  PoolShape shape;
  return keeps_codes(call, DType::i16) && read_pool_shape(call, false, &shape);
}

Status MaxPoolI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!keeps_codes(call, DType::i16) || !read_pool_shape(call, false, &shape_)) {
    return unsupported("maxpool_i16: not a pool it takes");
  }
  kernels_ = &pool_i16(options.isa);
  return {};
}

void MaxPoolI16::make_rows(const OpCall& call, int64_t first, int64_t last) const {
  const PoolShape& s = shape_;
  int16_t* out = call.out[0].as_mutable<int16_t>() + first * s.w.out * s.channels;
  for (int64_t row = first; row < last; ++row) {
    for (int64_t column = 0; column < s.w.out; ++column, out += s.channels) {
      kernels_->largest(window_at(s, call.in[0].as<int16_t>(), row, column), out);
    }
  }
}

Status MaxPoolI16::run(const OpCall& call, ThreadPool& pool) {
  pool.parallel_for(shape_.batch * shape_.h.out, 1,
                    [&](int64_t begin, int64_t end, int) { make_rows(call, begin, end); });
  return {};
}

void MaxPoolI16::run_rows(const OpCall& call, Rows out) { make_rows(call, out.begin, out.end); }

bool supports_average_pool_i16(const OpCall& call, bool global) {
  PoolShape shape;
  PoolScale scale;
  return read_average(call, global, &shape, &scale);
}

Status AveragePoolI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_average(call, global_, &shape_, &scale_)) {
    return unsupported("averagepool_i16: not a pool it takes");
  }
  kernels_ = &pool_i16(options.isa);
  return {};
}

void AveragePoolI16::make_slices(const OpCall& call, int64_t first, int64_t last) const {
  const PoolShape& s = shape_;
  const int64_t slices = slices_of(s.channels);
  for (int64_t u = first; u < last; ++u) {
    const int64_t row = u / slices, c = u % slices * kSlice;
    const int64_t count_h = s.h.count_of(row % s.h.out, s.count_include_pad);
    int16_t* out = call.out[0].as_mutable<int16_t>() + row * s.w.out * s.channels + c;
    for (int64_t column = 0; column < s.w.out; ++column, out += s.channels) {
      PoolI16Window w = window_at(s, call.in[0].as<int16_t>(), row, column);
      w.in += c;
      w.channels = std::min(kSlice, s.channels - c);
      const int64_t count = count_h * s.w.count_of(column, s.count_include_pad);
      scaled_sums(*kernels_, w, scale_, std::max<int64_t>(count, 1), out);
    }
  }
}

Status AveragePoolI16::run(const OpCall& call, ThreadPool& pool) {
  pool.parallel_for(shape_.batch * shape_.h.out * slices_of(shape_.channels), 1,
                    [&](int64_t begin, int64_t end, int) { make_slices(call, begin, end); });
  return {};
}

void AveragePoolI16::run_rows(const OpCall& call, Rows out) {
  const int64_t slices = slices_of(shape_.channels);
  make_slices(call, out.begin * slices, out.end * slices);
}

bool supports_reduce_i16(const OpCall& call, bool mean) {
  ReduceShape shape;
  PoolScale scale;
  return read_reduce(call, mean, &shape, &scale);
}

Status ReduceKernelI16::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_reduce(call, mean_, &shape_, &scale_)) {
    return unsupported("reduce_i16: not one it takes");
  }
  kernels_ = &pool_i16(options.isa);
  return {};
}

Status ReduceKernelI16::run(const OpCall& call, ThreadPool& pool) {
  const int64_t taps = shape_.taps_h * shape_.taps_w, inner = shape_.inner;
  const int64_t slices = slices_of(inner);
  const auto* x = call.in[0].as<int16_t>();
  auto* y = call.out[0].as_mutable<int16_t>();
  pool.parallel_for(shape_.outer * slices, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t u = begin; u < end; ++u) {
      const int64_t outer = u / slices, c = u % slices * kSlice;
      const PoolI16Window w = {.in = x + outer * taps * inner + c,
                               .taps_h = 1,
                               .taps_w = taps,
                               .row_step = 0,
                               .tap_step = inner,
                               .channels = std::min(kSlice, inner - c)};
      scaled_sums(*kernels_, w, scale_, mean_ ? taps : 1, y + outer * inner + c);
    }
  });
  return {};
}

}  // namespace fettle::runtime
