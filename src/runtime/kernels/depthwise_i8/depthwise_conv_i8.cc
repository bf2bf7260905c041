// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_conv_i8.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "runtime/kernels/conv_i8/conv_i8.h"

namespace fettle::runtime {

namespace {
int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// |sum| <= |bias| + 32768 * (sum of |weight elements|), of 16-bit activations.
bool sums_fit_32_bits(const QuantizedI8& q, int64_t terms, int halves) {
  const auto channels = static_cast<int64_t>(q.channels.size());
  for (int64_t c = 0; c < channels; ++c) {
    const OutputChannel& channel = q.channels[static_cast<size_t>(c)];
    for (int half = 0; half < halves; ++half) {
      int64_t most = halves == 1 ? std::abs(channel.bias) : 0;
      for (int64_t k = c * terms; k < (c + 1) * terms; ++k) {
        const int32_t w = q.weights[k] - channel.zero_point;
        most += kMostCodeI16 * std::abs(weight_element(w, halves, half));
      }
      if (most > std::numeric_limits<int32_t>::max()) return false;
    }
  }
  return true;
}

bool has_lowest(const QuantizedI8& q, int64_t count) {
  for (int64_t k = 0; k < count; ++k) {
    if (q.weights[k] == -128) return true;
  }
  return false;
}

// Null where the sums of even two halves might overflow.
const DepthwiseI8* kernels_for(const ConvShape& s, const QuantizedI8& q, Isa isa) {
  if (!q.wide) return &depthwise_i8(isa, q.symmetric_weights());
  const int64_t terms = s.kernel_h * s.kernel_w;
  if (!sums_fit_32_bits(q, terms, 2)) return nullptr;
  return &depthwise_i16(isa, q.weights.wide || !sums_fit_32_bits(q, terms, 1));
}
}  // namespace

template <bool kWide>
bool supports_depthwise_codes(const OpCall& call) {
  ConvShape s;
  QuantizedI8 quantized;
  return read_conv_codes(call, &s, &quantized) && s.is_depthwise() && quantized.wide == kWide &&
         kernels_for(s, quantized, Isa::portable) != nullptr;
}
template bool supports_depthwise_codes<false>(const OpCall&);
template bool supports_depthwise_codes<true>(const OpCall&);

Status DepthwiseConvI8::prepare(const OpCall& call, const KernelOptions& options) {
  QuantizedI8 quantized;
  if (!read_conv_codes(call, &shape_, &quantized) || !shape_.is_depthwise()) {
    return unsupported("depthwise_i8: not a convolution it takes");
  }
  const ConvShape& s = shape_;
  threads_ = options.threads;
  kernels_ = kernels_for(s, quantized, options.isa);
  if (kernels_ == nullptr) return unsupported("depthwise_i8: too many taps");
  if (s.stride_w <= 2 && s.dilation_w == 1) {
    if (s.kernel_w == 3) wide_ = kernels_->wide3[s.stride_w - 1];
    if (s.kernel_w == 5) wide_ = kernels_->wide5[s.stride_w - 1];
  }
  if (wide_ != nullptr && wide_[kDepthwiseI8Columns - 1] == nullptr) wide_ = nullptr;
  while (wide_ != nullptr && wide_[least_columns_ - 1] == nullptr) ++least_columns_;
  if (s.out_w < least_columns_) wide_ = nullptr;
  if (kernels_->joins_taps && has_lowest(quantized, s.in_c * s.kernel_h * s.kernel_w)) {
    wide_ = nullptr;
  }
  const bool few = 2 * s.in_c <= kernels_->lanes && (s.stride_w == 1 || s.in_c % 4 == 0);
  if (few && s.stride_w <= 2 && s.dilation_w == 1 && s.kernel_w == 3 && s.kernel_h <= 4) {
    few_ = kernels_->few[s.stride_w - 1];
  }
  // Neighbouring columns lie beside each other, and so do their taps.
  if (few_ == nullptr && s.stride_w == 1 && kernels_->lanes % s.in_c == 0) {
    together_ = kernels_->lanes / s.in_c;
    if (together_ > 1) wide_ = nullptr;
  }
  in_zero_point_ = quantized.in_zero_point;
  out_zero_point_ = quantized.output.zero_point;
  lo_ = quantized.lo();
  hi_ = quantized.hi();
  row_groups_ = ceil_div(s.kernel_h, kernels_->group);
  blocks_ = ceil_div(s.in_c, kernels_->lanes);
  const int64_t weights = row_groups_ * s.kernel_w * kernels_->group * kernels_->halves;
  block_bytes_ = kernels_->lanes * (kernels_->header_bytes() + weights * kernels_->weight_bytes);
  slices_ = slices_for(s.batch * s.out_h, blocks_, threads_);
  // Loads with masks take what is left as it is. Not across slices: what one thread writes no other
  // does.
  const bool masks = implies(kernels_->isa, Isa::avx512);
  const int64_t last_slice = blocks_ - (slices_ - 1) * blocks_ / slices_;
  overlaps_ = !masks && few_ == nullptr && s.in_c % kernels_->lanes != 0 && last_slice > 1;
  if (kernels_->float_sums) form_ = sum_form(quantized);
  const int64_t rows = row_groups_ * kernels_->group;
  thread_bytes_ = static_cast<size_t>(ceil_div(rows * 16, 64) * 64);
  const int64_t padding = std::max<int64_t>(s.in_c, 2 * kernels_->lanes) * kernels_->code_bytes;
  FETTLE_TRY(padding_.allocate(static_cast<size_t>(ceil_div(padding, 4))));
  if (!quantized.wide) {
    std::memset(padding_.mutable_data(), in_zero_point_, static_cast<size_t>(padding));
  }
  FETTLE_TRY(packed_.allocate(static_cast<size_t>(ceil_div(blocks_ * block_bytes_, 4))));
  pack(quantized);
  return {};
}

void DepthwiseConvI8::pack(const QuantizedI8& quantized) {
  const ConvShape& s = shape_;
  const int group = kernels_->group, lanes = kernels_->lanes, halves = kernels_->halves;
  const bool repeats = few_ != nullptr || together_ > 1;
  const int64_t filled = repeats ? lanes / s.in_c * s.in_c : s.in_c;  // places
  for (int64_t b = 0; b < blocks_; ++b) {
    std::byte* block = reinterpret_cast<std::byte*>(packed_.mutable_data()) + b * block_bytes_;
    auto* initial = reinterpret_cast<int32_t*>(block);
    auto* multiplier = reinterpret_cast<float*>(initial + lanes);
    auto* wide_base = reinterpret_cast<double*>(multiplier + lanes);
    float* offset = multiplier + lanes;
    auto* codes = reinterpret_cast<int8_t*>(block + lanes * kernels_->header_bytes());
    auto* words = reinterpret_cast<int16_t*>(codes);
    const int64_t begin = overlaps_ && b == blocks_ - 1 ? s.in_c - lanes : b * lanes;
    for (int p = 0; p < lanes; ++p) {
      const int64_t place = begin + kernels_->channel_at(p), c = place % s.in_c;
      if (place >= filled) continue;
      const OutputChannel& channel = quantized.channels[static_cast<size_t>(c)];
      int64_t sum = 0;
      for (int64_t kh = 0; kh < s.kernel_h; ++kh) {
        for (int64_t kw = 0; kw < s.kernel_w; ++kw) {
          const int64_t tap = kh / group * s.kernel_w + kw;
          const int64_t at = (tap * halves * lanes + p) * group + kh % group;
          const int64_t k = (c * s.kernel_h + kh) * s.kernel_w + kw;
          const int32_t w = quantized.weights[k] - channel.zero_point;
          sum += w;
          if (kernels_->weight_bytes == 1) codes[at] = static_cast<int8_t>(w);
          for (int half = 0; kernels_->weight_bytes == 2 && half < halves; ++half) {
            words[at + half * lanes * group] =
                static_cast<int16_t>(weight_element(w, halves, half));
          }
        }
      }
      // sum of (x - zx) w, where the kernel sums (x + flip) w.
      const int64_t start =
          start_of(form_) + channel.bias - (in_zero_point_ + kernels_->activation_flip) * sum;
      initial[p] = static_cast<int32_t>(static_cast<uint32_t>(start));  // sums wrap around
      multiplier[p] = channel.multiplier;
      if (kernels_->float_sums) offset[p] = offset_of(channel.multiplier);
      if (quantized.wide) wide_base[p] = static_cast<double>(channel.bias);
    }
  }
}

void DepthwiseConvI8::run_row(const std::byte* x, std::byte* y, int64_t row, int64_t first,
                              int64_t last, std::byte* own) const {
  const ConvShape& s = shape_;
  const int code_bytes = kernels_->code_bytes;
  const int64_t pixel_bytes = s.in_c * code_bytes;
  const int64_t image = row / s.out_h;
  const int64_t top = row % s.out_h * s.stride_h - s.pad_top;
  const int64_t c0 = first * kernels_->lanes;
  const int64_t padded_rows = row_groups_ * kernels_->group;
  auto** rows = reinterpret_cast<const std::byte**>(own);
  auto* steps = reinterpret_cast<int64_t*>(rows + padded_rows);
  for (int64_t kh = 0; kh < padded_rows; ++kh) {
    const int64_t ih = top + kh * s.dilation_h;
    const bool inside = kh < s.kernel_h && ih >= 0 && ih < s.in_h;
    steps[kh] = inside ? pixel_bytes : 0;
    const auto* padding = reinterpret_cast<const std::byte*>(padding_.data());
    rows[kh] =
        (inside ? x + (image * s.in_h + ih) * s.in_w * pixel_bytes : padding) + c0 * code_bytes;
  }
  DepthwiseI8Tile tile;
  tile.rows = rows;
  tile.row_steps = steps;
  tile.row_groups = row_groups_;
  tile.in_zero_point = in_zero_point_;
  tile.taps_w = s.kernel_w;
  tile.dilation = s.dilation_w;
  tile.packed = reinterpret_cast<const std::byte*>(packed_.data()) + first * block_bytes_;
  tile.out_step = s.out_c;
  tile.channels = std::min(s.in_c, last * kernels_->lanes) - c0;
  tile.last_block = overlaps_ && last == blocks_ ? tile.channels - kernels_->lanes : tile.channels;
  tile.form = form_;
  tile.lo = lo_;
  tile.hi = hi_;
  tile.zero_point = out_zero_point_;
  if (few_ != nullptr) {
    tile.left = -s.pad_left;
    tile.first = -tile.left;
    tile.last = s.in_w - tile.left;
    tile.out = y + row * s.out_w * s.out_c;
    tile.columns = s.out_w;
    return few_(tile);
  }
  const int64_t reach = (s.kernel_w - 1) * s.dilation_w;  // columns from the first tap to the last
  for (int64_t ow = 0; ow < s.out_w;) {
    int64_t columns = 1;
    if (together_ > 1) {
      const int64_t left = ow - s.pad_left;
      const bool inside = left >= 0 && left + together_ + reach <= s.in_w;
      if (inside && ow + together_ <= s.out_w) columns = together_;
      tile.channels = tile.last_block = columns * s.in_c;
    } else if (wide_ != nullptr) {
      const int64_t run = s.out_w - ow;
      columns = std::max(least_columns_, ceil_div(run, ceil_div(run, kDepthwiseI8Columns)));
      ow = std::min(ow, s.out_w - columns);  // some of them once more
    }
    tile.left = ow * s.stride_w - s.pad_left;
    tile.first = -tile.left;
    tile.last = s.in_w - tile.left;
    tile.out = y + ((row * s.out_w + ow) * s.out_c + c0) * code_bytes;
    (wide_ == nullptr ? kernels_->general : wide_[columns - 1])(tile);
    ow += columns;
  }
}

Status DepthwiseConvI8::run(const OpCall& call, ThreadPool& pool) {
  const auto* x = static_cast<const std::byte*>(call.in[0].data);
  auto* y = static_cast<std::byte*>(call.out[0].data);
  const int64_t rows = shape_.batch * shape_.out_h;
  const int64_t units = rows * slices_;  // slice by slice, so that neighbours share input rows
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    std::byte* own = call.scratch.data() + static_cast<size_t>(thread) * thread_bytes_;
    for (int64_t u = begin; u < end; ++u) {
      const int64_t slice = u / rows;
      run_row(x, y, u % rows, slice * blocks_ / slices_, (slice + 1) * blocks_ / slices_, own);
    }
  });
  return {};
}

void DepthwiseConvI8::run_rows(const OpCall& call, Rows out) {
  const auto* x = static_cast<const std::byte*>(call.in[0].data);
  auto* y = static_cast<std::byte*>(call.out[0].data);
  for (int64_t row = out.begin; row < out.end; ++row) {
    run_row(x, y, row, 0, blocks_, call.scratch.data());
  }
}

}  // namespace fettle::runtime
