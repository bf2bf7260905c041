// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_i8/conv_i8.h"

#include <cstring>

#include "runtime/kernels/gemm_f32/row_pointers.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kWholeRowCodes = 64;  // at most this long is a row of taps taken as one
constexpr int64_t kPatchCodes = 64;     // at most so many taps and channels are gathered
constexpr int64_t kPieceBytes = 32;     // moved at a time, of at most so long a row of taps
constexpr int64_t kCopiedRow = 1024;    // bytes of an input row that is copied with its padding
constexpr int64_t kMaxPointers = 4096;  // of a block
constexpr int64_t kWidenPixels = 64;    // at a time

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
size_t align64(int64_t bytes) { return static_cast<size_t>((bytes + 63) / 64 * 64); }

}  // namespace

bool read_conv_codes(const OpCall& call, ConvShape* s, QuantizedI8* quantized) {
  if (!read_conv_extents(call, s) || call.has_in(3)) return false;
  return read_quantized(call, s->kernel_h * s->kernel_w * s->group_in(), quantized);
}

template <bool kWide>
bool supports_conv_codes(const OpCall& call) {
  ConvShape s;
  QuantizedI8 quantized;
  return read_conv_codes(call, &s, &quantized) && s.groups == 1 && quantized.wide == kWide;
}
template bool supports_conv_codes<false>(const OpCall&);
template bool supports_conv_codes<true>(const OpCall&);

Status ConvI8::prepare(const OpCall& call, const KernelOptions& options) {
  ConvShape shape;
  QuantizedI8 quantized;
  if (!read_conv_codes(call, &shape, &quantized) || shape.groups != 1) {
    return unsupported("conv_i8: not a convolution it takes");
  }
  return plan(shape, quantized, options);
}

Status ConvI8::plan(const ConvShape& s, const QuantizedI8& quantized,
                    const KernelOptions& options) {
  shape_ = s;
  const GemmI8& kernels = quantized.kernels(options.isa);
  const bool widen = kernels.widen != nullptr;
  threads_ = options.threads;
  in_zero_point_ = quantized.in_zero_point;
  const auto in_groups = [&](int64_t n) { return ceil_div(n, kernels.group) * kernels.group; };
  const int64_t codes = s.kernel_h * s.kernel_w * s.in_c;
  whole_rows_ = s.dilation_w == 1 && s.kernel_w > 1 && s.kernel_w * s.in_c <= kWholeRowCodes;
  pixel_bytes_ = (widen ? in_groups(s.in_c) : s.in_c) * kernels.element_bytes;
  const bool suits = whole_rows_ && PaddedRows::suits(s);
  patches_ = !widen && suits && codes <= kPatchCodes && s.kernel_w * pixel_bytes_ <= kPieceBytes;
  padded_ = patches_ || (suits && s.in_w * pixel_bytes_ <= kCopiedRow);
  if (patches_) {
    depth_ = {.taps = 1, .pixels = 1, .channels = codes, .padded = in_groups(codes)};
  } else {
    depth_.taps = whole_rows_ ? s.kernel_h : s.kernel_h * s.kernel_w;
    depth_.pixels = whole_rows_ ? s.kernel_w : 1;
    depth_.channels = s.in_c;
    depth_.padded = pixel_bytes_ / kernels.element_bytes;
  }
  tap_bytes_ = depth_.elements() * kernels.element_bytes;
  FETTLE_TRY(panels_.pack(kernels, quantized, depth_, options.packed));
  if (padded_) panels_.read_whole_groups();
  const int64_t max_rows =
      std::max<int64_t>(16, std::min<int64_t>(1024, kMaxPointers / depth_.taps));
  const int64_t row_bytes =
      pixel_bytes_ * std::min(s.stride_h, s.kernel_h) * std::min(s.stride_w, s.kernel_w);
  blocks_ = panels_.plan_blocks(s.pixels(), row_bytes, max_rows, threads_);
  FETTLE_TRY(zeros_.allocate(static_cast<size_t>(ceil_div(tap_bytes_, 4))));
  if (!widen && !quantized.wide) {
    std::memset(zeros_.mutable_data(), in_zero_point_, static_cast<size_t>(tap_bytes_));
  }
  pointers_.plan(s, whole_rows_, pixel_bytes_, tap_bytes_, blocks_.block_rows,
                 reinterpret_cast<const std::byte*>(zeros_.data()));
  if (!whole_rows_ && depth_.taps > 1 && (s.dilation_h > 1 || s.dilation_w > 1)) {
    panels_.leave_out(reinterpret_cast<const std::byte*>(zeros_.data()), quantized);
  }
  wide_bytes_ = widen ? align64(s.batch * s.in_h * s.in_w * pixel_bytes_) : 0;
  const int64_t pointers = depth_.taps * blocks_.block_rows;
  pointer_bytes_ = align64(pointers * static_cast<int64_t>(sizeof(std::byte*)));
  sum_bytes_ = panels_.needs_row_sums() ? align64(blocks_.block_rows * 4) : 0;
  thread_bytes_ = pointer_bytes_ + sum_bytes_;
  if (padded_) padded_rows_.plan(s, pixel_bytes_, blocks_.block_rows);
  if (padded_) thread_bytes_ += padded_rows_.bytes();
  if (whole_rows_ && (patches_ || !padded_)) {
    thread_bytes_ += align64(pointers * tap_bytes_ + kPieceBytes);
  }
  return {};
}

namespace {
// Windows of `rows` pieces, each made one patch: a piece is moved as kBytes, and the next one
// overwrites what is too much. A patch ends in less than a group, whose weights are 0; where rows
// are summed it counts, so it is 0 as well.
template <int64_t kBytes>
void gather_patches(const std::byte* from, int64_t pixel_step, int64_t row_step, int64_t rows,
                    int64_t piece_bytes, int64_t patch_bytes, int64_t count, std::byte* to) {
  uint64_t kept[kBytes / 8] = {}, piece[kBytes / 8];
  const int64_t last = (rows - 1) * piece_bytes;
  std::memset(kept, 0xff, static_cast<size_t>(piece_bytes));
  for (int64_t i = 0; i < count; ++i, from += pixel_step, to += patch_bytes) {
    const std::byte* x = from;
    for (int64_t at = 0; at < last; at += piece_bytes, x += row_step) {
      std::memcpy(to + at, x, kBytes);
    }
    std::memcpy(piece, x, kBytes);
    for (int64_t w = 0; w < kBytes / 8; ++w) piece[w] &= kept[w];
    std::memcpy(to + last, piece, kBytes);
  }
}
}  // namespace

// From rows copied with their padding; where windows are gathered, pixel begin + i's is at
// own + i * tap_bytes, and the copied rows behind them all.
void ConvI8::find_padded_rows(const std::byte* x, int64_t begin, int64_t end,
                              const std::byte** rows, std::byte* own) const {
  const ConvShape& s = shape_;
  const int64_t step = blocks_.block_rows, piece_bytes = s.kernel_w * pixel_bytes_;
  const int64_t pitch = padded_rows_.pitch(), pixel_step = padded_rows_.pixel_step();
  const int padding = *reinterpret_cast<const int8_t*>(zeros_.data());
  std::byte* patches = own;
  if (patches_) own += align64(step * tap_bytes_ + kPieceBytes);
  padded_rows_.walk(
      x, begin, end, padding, own, [&](int64_t first, int64_t count, const std::byte* from) {
        const std::byte** to = rows + first;
        if (!patches_) {
          for (int64_t kh = 0; kh < s.kernel_h; ++kh, to += step, from += pitch) {
            point_evenly(to, from, pixel_step, count);
          }
          return;
        }
        std::byte* patch = patches + first * tap_bytes_;
        point_evenly<std::byte>(to, patch, tap_bytes_, count);
        (piece_bytes <= 16 ? gather_patches<16>
                           : gather_patches<kPieceBytes>)(from, pixel_step, pitch, s.kernel_h,
                                                          piece_bytes, tap_bytes_, count, patch);
      });
}

// rows[tap * block_rows + i] for pixel begin + i.
void ConvI8::find_rows(const std::byte* x, int64_t begin, int64_t end, const std::byte** rows,
                       std::byte* own) const {
  if (padded_) return find_padded_rows(x, begin, end, rows, own);
  pointers_.find(x, begin, end, rows, own);
}

Status ConvI8::run(const OpCall& call, ThreadPool& pool) {
  const ConvShape& s = shape_;
  const auto* x = static_cast<const std::byte*>(call.in[0].data);
  if (wide_bytes_ != 0) {
    const int8_t* codes = call.in[0].as<int8_t>();
    auto* wide = reinterpret_cast<int16_t*>(call.scratch.data());
    pool.parallel_for(
        s.batch * s.in_h * s.in_w, kWidenPixels, [&](int64_t begin, int64_t end, int) {
          panels_.kernels().widen(codes + begin * s.in_c, end - begin, s.in_c, depth_.padded,
                                  in_zero_point_, wide + begin * depth_.padded);
        });
    x = call.scratch.data();
  }
  auto* y = static_cast<std::byte*>(call.out[0].data);
  const int64_t pixel_out = s.out_c * panels_.kernels().code_bytes;
  const int64_t units = blocks_.units();
  pool.parallel_for(units, 1, [&](int64_t begin, int64_t end, int thread) {
    std::byte* own =
        call.scratch.data() + wide_bytes_ + static_cast<size_t>(thread) * thread_bytes_;
    auto* rows = reinterpret_cast<const std::byte**>(own);
    auto* sums = reinterpret_cast<int32_t*>(own + pointer_bytes_);
    std::byte* clipped = own + pointer_bytes_ + sum_bytes_;
    int64_t found = -1;
    for (int64_t u = begin; u < end; ++u) {
      const int64_t block = u / blocks_.groups, group = u % blocks_.groups;
      const int64_t m0 = blocks_.row_begin(block), m1 = blocks_.row_end(block);
      if (found != block) {
        found = block;
        find_rows(x, m0, m1, rows, clipped);
        if (panels_.needs_row_sums()) panels_.sum_rows(rows, blocks_.block_rows, m1 - m0, sums);
      }
      panels_.run(rows, blocks_.block_rows, m1 - m0, sums, blocks_.panel_begin(group),
                  blocks_.panel_end(group), y + m0 * pixel_out, s.out_c);
    }
  });
  return {};
}

size_t ConvI8::row_scratch_bytes(int64_t rows) const {
  const ConvShape& s = shape_;
  if (wide_bytes_ == 0) return thread_bytes_;
  const int64_t in_rows = (rows - 1) * s.stride_h + (s.kernel_h - 1) * s.dilation_h + 1;
  return align64(std::min(in_rows, s.in_h) * s.in_w * pixel_bytes_) + thread_bytes_;
}

void ConvI8::run_rows(const OpCall& call, Rows out) {
  const ConvShape& s = shape_;
  const auto* x = static_cast<const std::byte*>(call.in[0].data);
  std::byte* own = call.scratch.data();
  const Rows in = window_rows(out, s.in_h, s.kernel_h, s.stride_h, s.dilation_h, s.pad_top);
  if (wide_bytes_ != 0) {
    const int8_t* codes = call.in[0].as<int8_t>();
    panels_.kernels().widen(codes + in.begin * s.in_w * s.in_c, in.count() * s.in_w, s.in_c,
                            depth_.padded, in_zero_point_, reinterpret_cast<int16_t*>(own));
    x = row_zero(own, in.begin * s.in_w * pixel_bytes_);
    own += align64(in.count() * s.in_w * pixel_bytes_);
  }
  auto* rows = reinterpret_cast<const std::byte**>(own);
  auto* sums = reinterpret_cast<int32_t*>(own + pointer_bytes_);
  std::byte* clipped = own + pointer_bytes_ + sum_bytes_;
  auto* y = static_cast<std::byte*>(call.out[0].data);
  const int64_t pixel_out = s.out_c * panels_.kernels().code_bytes;
  const int64_t begin = out.begin * s.out_w, end = out.end * s.out_w;
  const int64_t step = blocks_.even_step(end - begin);
  for (int64_t m = begin; m < end; m += step) {
    const int64_t count = std::min(end, m + step) - m;
    find_rows(x, m, m + count, rows, clipped);
    if (panels_.needs_row_sums()) panels_.sum_rows(rows, blocks_.block_rows, count, sums);
    panels_.run(rows, blocks_.block_rows, count, sums, 0, blocks_.panels, y + m * pixel_out,
                s.out_c);
  }
}

}  // namespace fettle::runtime
