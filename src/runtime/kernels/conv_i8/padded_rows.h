// SPDX-License-Identifier: Apache-2.0
//
// Of the input of a convolution with few channels, the rows that a block of output pixels reaches,
// copied with their padding beside them: every pixel's rows of taps are then whole pieces, and the
// same distance apart.
#pragma once

#include <algorithm>
#include <cstddef>

#include "runtime/kernels/conv_f32/conv_shape.h"

namespace fettle::runtime {

class PaddedRows {
 public:
  // No dilation, no more padding than the kernel reaches over, and kernel rows that touch.
  static bool suits(const ConvShape& s);
  void plan(const ConvShape& s, int64_t pixel_bytes, int64_t max_pixels);
  size_t bytes() const { return bytes_; }  // for a block of max_pixels
  int64_t pitch() const { return pitch_; }
  int64_t pixel_step() const { return pixel_step_; }  // from one output pixel to the next

  // each(i, count, from): of pixels [begin + i, begin + i + count) of one output row, the first's
  // taps begin at `from`, the next one's pixel_step() behind it; kernel rows are pitch() apart.
  // Behind each row of taps kReadable bytes can be read. `padding` is a byte of it.
  template <class F>
  void walk(const std::byte* x, int64_t begin, int64_t end, int padding, std::byte* to,
            F&& each) const {
    const ConvShape& s = shape_;
    int64_t copied = 0, shift = 0, image_of = -1;  // input row r of the image is at row r + shift
    int64_t at = 0;                                // rows copied so far
    for (int64_t m = begin; m < end;) {
      const int64_t ow = m % s.out_w, oh = m / s.out_w % s.out_h, image = m / (s.out_w * s.out_h);
      const int64_t count = std::min(s.out_w - ow, end - m);
      const int64_t top = oh * s.stride_h - s.pad_top;
      if (image != image_of) {
        image_of = image;
        copied = top;
        shift = at - top;
      }
      for (; copied < top + s.kernel_h; ++copied, ++at) {
        copy_row(x, image, copied, padding, to + at * pitch_);
      }
      each(m - begin, count, to + (top + shift) * pitch_ + ow * pixel_step_);
      m += count;
    }
  }

  static constexpr int64_t kReadable = 64;

 private:
  void copy_row(const std::byte* x, int64_t image, int64_t row, int padding, std::byte* to) const;

  ConvShape shape_{};
  int64_t row_bytes_ = 0, left_bytes_ = 0;  // of the input, and of the padding before it
  int64_t pitch_ = 0, pixel_step_ = 0;
  size_t bytes_ = 0;
};

}  // namespace fettle::runtime
