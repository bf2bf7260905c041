// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_f32/depthwise_conv_f32.h"

#include <algorithm>
#include <cstring>

namespace fettle::runtime {

namespace {
constexpr int64_t kSliceChannels = 32;  // slices are multiples of this
// Half of the second-level cache of the smallest cores: more comes from further away.
constexpr int64_t kNearBytes = 256 << 10;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Taps [first, last) of `taps` that land in [0, size) when tap k is at origin + k * dilation.
struct TapRange {
  int64_t first, last;
};
TapRange taps_inside(int64_t origin, int64_t taps, int64_t dilation, int64_t size) {
  const int64_t first = origin >= 0 ? 0 : std::min(taps, ceil_div(-origin, dilation));
  const int64_t last = origin >= size ? 0 : std::min(taps, ceil_div(size - origin, dilation));
  return {first, std::max(first, last)};
}
}  // namespace

bool supports_depthwise_conv_f32(const OpCall& call) {
  ConvShape s;
  return read_conv(call, &s) && s.is_depthwise();
}

Status DepthwiseConvF32::prepare(const OpCall& call, const KernelOptions& options) {
  if (!read_conv(call, &shape_) || !shape_.is_depthwise()) {
    return unsupported("depthwise_f32: not a convolution it takes");
  }
  const ConvShape& s = shape_;
  kernels_ = &depthwise_f32(options.isa);
  activate_ = activation_f32(options.isa).fn;
  if (s.stride_w <= 2 && (s.dilation_w == 1 || s.stride_w == 1)) {
    if (s.kernel_w == 3) wide_ = kernels_->wide3[s.stride_w - 1];
    if (s.kernel_w == 5) wide_ = kernels_->wide5[s.stride_w - 1];
  }
  slices_ = slices_for(s.batch * s.out_h, ceil_div(s.in_c, kSliceChannels), options.threads);
  asks_ahead_ = !options.windowed && s.dilation_w == 1 &&
                static_cast<int64_t>(call.in[0].bytes()) / s.batch > kNearBytes;
  const int64_t taps = s.kernel_h * s.kernel_w;
  FETTLE_TRY(packed_.allocate(s.in_c * (taps + 1)));
  float* p = packed_.mutable_data();
  if (call.has_in(2)) std::memcpy(p, call.in[2].as<float>(), s.in_c * sizeof(float));
  const float* w = call.in[1].as<float>();
  for (int64_t t = 0; t < taps; ++t) {
    for (int64_t c = 0; c < s.in_c; ++c) p[(t + 1) * s.in_c + c] = w[c * taps + t];
  }
  return {};
}

// The input's columns [begin, end) of the rows that the output's next row takes besides. They are
// read in so many short pieces that no prefetcher of hardware sees them come.
void DepthwiseConvF32::ask_ahead(const float* image, int64_t top, int64_t begin, int64_t end,
                                 int64_t c0, int64_t c1) const {
  constexpr int64_t kLineFloats = 16;
  const ConvShape& s = shape_;
  const int64_t first = std::max<int64_t>(0, top + s.kernel_h * s.dilation_h);
  for (int64_t row = first; row < std::min(s.in_h, first + s.stride_h); ++row) {
    for (int64_t column = begin; column < std::min(end, s.in_w); ++column) {
      const float* pixel = image + (row * s.in_w + column) * s.in_c;
      for (int64_t c = c0; c < c1; c += kLineFloats) __builtin_prefetch(pixel + c);
    }
  }
}

void DepthwiseConvF32::run_row(const float* x, const float* residual, float* y, int64_t row,
                               int64_t c0, int64_t c1) const {
  const ConvShape& s = shape_;
  const int64_t image = row / s.out_h;
  const int64_t top = row % s.out_h * s.stride_h - s.pad_top;
  const TapRange high = taps_inside(top, s.kernel_h, s.dilation_h, s.in_h);
  const int64_t taps_h = high.last - high.first;
  const int64_t ih = taps_h == 0 ? 0 : top + high.first * s.dilation_h;
  const float* in_row = x + (image * s.in_h + ih) * s.in_w * s.in_c + c0;
  const float* weights = packed_.data() + (1 + high.first * s.kernel_w) * s.in_c + c0;
  float* out_row = y + row * s.out_w * s.out_c + c0;
  DepthwiseF32Tile tile;
  tile.in_row_step = s.dilation_h * s.in_w * s.in_c;
  tile.in_column_step = s.dilation_w * s.in_c;
  tile.weight_row_step = s.kernel_w * s.in_c;
  tile.weight_column_step = s.in_c;
  tile.bias = packed_.data() + c0;
  tile.channels = c1 - c0;
  tile.lo = s.activation.clamp_lo();
  tile.hi = s.activation.clamp_hi();
  // Columns that lie the dilation apart are a row of their own without one.
  const int64_t step = wide_ != nullptr ? s.dilation_w : 1;
  tile.out_column_step = step * s.out_c;
  for (int64_t first = 0; first < std::min(step, s.out_w); ++first) {
    for (int64_t ow = first; ow < s.out_w;) {
      const int64_t left = ow * s.stride_w - s.pad_left;
      int64_t columns = 1;
      tile.out = out_row + ow * s.out_c;
      tile.residual = residual == nullptr ? nullptr : residual + (tile.out - y);
      tile.taps_h = taps_h;
      if (wide_ != nullptr) {
        const int64_t run = ceil_div(s.out_w - ow, step);
        columns = ceil_div(run, ceil_div(run, kDepthwiseColumns));
        const TapRange inside =
            taps_inside(left, (columns - 1) * s.stride_w + s.kernel_w, s.dilation_w, s.in_w);
        tile.columns_inside = (uint32_t{1} << inside.last) - (uint32_t{1} << inside.first);
        tile.in = in_row + left * s.in_c;  // read only where a column is inside
        tile.weights = weights;
        if (asks_ahead_) {
          ask_ahead(x + image * s.in_h * s.in_w * s.in_c, top, ow * s.stride_w,
                    (ow + columns) * s.stride_w, c0, c1);
        }
        wide_[columns - 1](tile);
      } else {
        const TapRange wide = taps_inside(left, s.kernel_w, s.dilation_w, s.in_w);
        tile.taps_w = wide.last - wide.first;
        if (tile.taps_w == 0) tile.taps_h = 0;
        tile.in = in_row;
        if (tile.taps_w > 0) tile.in += (left + wide.first * s.dilation_w) * s.in_c;
        tile.weights = weights + wide.first * s.in_c;
        kernels_->general(tile);
      }
      if (!s.activation.is_clamp()) {
        activate_(s.activation, tile.out, tile.out, columns, c1 - c0, tile.out_column_step);
      }
      ow += columns * step;
    }
  }
}

Status DepthwiseConvF32::run(const OpCall& call, ThreadPool& pool) {
  const ConvShape& s = shape_;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as_mutable<float>();
  const float* residual = call.has_in(3) ? call.in[3].as<float>() : nullptr;
  const int64_t rows = s.batch * s.out_h;
  const int64_t units = rows * slices_;  // slice by slice, so that neighbours share input rows
  const int64_t wholes = ceil_div(s.in_c, kSliceChannels);
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t u = begin; u < end; ++u) {
      const int64_t slice = u / rows;
      const int64_t c0 = slice * wholes / slices_ * kSliceChannels;
      const int64_t c1 = std::min(s.in_c, (slice + 1) * wholes / slices_ * kSliceChannels);
      run_row(x, residual, y, u % rows, c0, c1);
    }
  });
  return {};
}

void DepthwiseConvF32::run_rows(const OpCall& call, Rows out) {
  const float* residual = call.has_in(3) ? call.in[3].as<float>() : nullptr;
  for (int64_t row = out.begin; row < out.end; ++row) {
    run_row(call.in[0].as<float>(), residual, call.out[0].as_mutable<float>(), row, 0, shape_.in_c);
  }
}

}  // namespace fettle::runtime
