// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i8/separable_max_pool_i8.h"

#include <algorithm>
#include <cstring>

#include "runtime/kernels/pool_i8/pool_kernels_i8.h"

namespace fettle::runtime {

namespace {

constexpr int64_t kMostRowBytes = int64_t{1} << 20;
constexpr int kNothing = -128;  // what is no larger than any code

// Pixels of a row with its padding: to the end of the input, and to that of the last window.
int64_t row_pixels(const PoolAxis& w) {
  return std::max(w.pad_begin + w.in, (w.out - 1) * w.stride + (w.kernel - 1) * w.dilation + 1);
}

bool read_shape(const OpCall& call, PoolShape* shape) {
  if (!supports_pool_i8(call, PoolI8Join::max, false) || !read_pool_shape(call, false, shape)) {
    return false;
  }
  const PoolAxis &h = shape->h, &w = shape->w;
  // Of windows far apart, most of a row would be for nothing.
  return h.kernel > 1 && w.kernel > 1 && w.stride <= w.kernel &&
         row_pixels(w) <= kMostRowBytes / shape->channels;
}

}  // namespace

bool supports_separable_max_pool_i8(const OpCall& call) {
  PoolShape shape;
  return read_shape(call, &shape);
}

Status SeparableMaxPoolI8::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_shape(call, &shape_)) return unsupported("maxpool_i8_separable: not one that it takes");
  threads_ = options.threads;
  kernels_ = &pool_i8(options.isa);
  const int64_t bytes = row_pixels(shape_.w) * shape_.channels + kPoolI8Slack;
  row_bytes_ = static_cast<size_t>((bytes + 63) / 64 * 64);
  return {};
}

void SeparableMaxPoolI8::make_rows(const OpCall& call, int64_t first, int64_t last,
                                   int8_t* row) const {
  const PoolShape& s = shape_;
  const int64_t in_row = s.w.in * s.channels, out_row = s.w.out * s.channels;
  int8_t* image_row = row + s.w.pad_begin * s.channels;
  const PoolI8Columns columns = {.in = row,
                                 .in_step = s.w.stride * s.channels,
                                 .tap_step = s.w.dilation * s.channels,
                                 .taps = s.w.kernel,
                                 .out = call.out[0].as_mutable<int8_t>(),
                                 .columns = s.w.out,
                                 .channels = s.channels};
  std::memset(row, kNothing, row_bytes_);
  for (int64_t r = first; r < last; ++r) {
    const int64_t image = r / s.h.out;
    const PoolTaps high = s.h.taps_of(r % s.h.out);
    if (high.count > 0) {
      kernels_->largest_row(call.in[0].as<int8_t>() + (image * s.h.in + high.start) * in_row,
                            s.h.dilation * in_row, high.count, image_row, in_row);
    } else {
      std::memset(image_row, kNothing, static_cast<size_t>(in_row));
    }
    PoolI8Columns w = columns;
    w.out += r * out_row;
    kernels_->largest_columns(w);
  }
}

Status SeparableMaxPoolI8::run(const OpCall& call, ThreadPool& pool) {
  const int64_t rows = shape_.batch * shape_.h.out;
  pool.parallel_for(rows, 1, [&](int64_t begin, int64_t end, int thread) {
    std::byte* own = call.scratch.data() + static_cast<size_t>(thread) * row_bytes_;
    make_rows(call, begin, end, reinterpret_cast<int8_t*>(own));
  });
  return {};
}

void SeparableMaxPoolI8::run_rows(const OpCall& call, Rows out) {
  make_rows(call, out.begin, out.end, reinterpret_cast<int8_t*>(call.scratch.data()));
}

}  // namespace fettle::runtime
