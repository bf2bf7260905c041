// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_i8/padded_rows.h"

#include <cstring>

namespace fettle::runtime {

bool PaddedRows::suits(const ConvShape& s) {
  return s.dilation_h == 1 && s.dilation_w == 1 && s.stride_h <= s.kernel_h &&
         s.pad_top < s.kernel_h && s.pad_left < s.kernel_w &&
         (s.out_w - 1) * s.stride_w < s.in_w + s.pad_left &&
         (s.out_h - 1) * s.stride_h < s.in_h + s.pad_top;
}

void PaddedRows::plan(const ConvShape& s, int64_t pixel_bytes, int64_t max_pixels) {
  shape_ = s;
  row_bytes_ = s.in_w * pixel_bytes;
  left_bytes_ = s.pad_left * pixel_bytes;
  pitch_ = ((s.out_w - 1) * s.stride_w + s.kernel_w) * pixel_bytes;
  pixel_step_ = s.stride_w * pixel_bytes;
  const int64_t rows = max_pixels / s.out_w + 2, images = rows / s.out_h + 2;
  const int64_t most = rows * s.stride_h + images * s.kernel_h;
  bytes_ = static_cast<size_t>((most * pitch_ + kReadable + 63) / 64 * 64);
}

void PaddedRows::copy_row(const std::byte* x, int64_t image, int64_t row, int padding,
                          std::byte* to) const {
  if (row < 0 || row >= shape_.in_h) {
    std::memset(to, padding, static_cast<size_t>(pitch_));
    return;
  }
  const int64_t inside = std::min(row_bytes_, pitch_ - left_bytes_);
  const int64_t behind = pitch_ - left_bytes_ - inside;
  std::memset(to, padding, static_cast<size_t>(left_bytes_));
  std::memcpy(to + left_bytes_, x + (image * shape_.in_h + row) * row_bytes_,
              static_cast<size_t>(inside));
  std::memset(to + left_bytes_ + inside, padding, static_cast<size_t>(behind));
}

}  // namespace fettle::runtime
