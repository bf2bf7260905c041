// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/conv_f32/tap_pointers.h"

#include <algorithm>
#include <cstddef>

#include "runtime/kernels/gemm_f32/row_pointers.h"

namespace fettle::runtime {

template <class T>
void TapPointers<T>::plan(const ConvShape& shape, bool whole_rows, int64_t pixel, int64_t tap,
                          int64_t row_step, const T* padding) {
  shape_ = shape;
  whole_rows_ = whole_rows;
  pixel_ = pixel;
  tap_ = tap;
  row_step_ = row_step;
  padding_ = padding;
  const int64_t wide = whole_rows ? shape.kernel_w : 1, s = shape.stride_w;
  for (int64_t kw = 0; kw < shape.kernel_w; kw += wide) {
    const int64_t at = kw * shape.dilation_w - shape.pad_left;  // of output column 0
    const int64_t room = shape.in_w - wide - at;
    const int64_t begin = at >= 0 ? 0 : std::min(shape.out_w, (s - 1 - at) / s);
    const int64_t end = room < 0 ? 0 : std::min(shape.out_w, room / s + 1);
    columns_.push_back({begin, std::max(begin, end)});
  }
}

// A row of taps beginning at `column`, of which some is outside the input.
template <class T>
const T* TapPointers<T>::cut(const T* row, int64_t column, T* piece) const {
  const int64_t first = std::max<int64_t>(0, -column);
  const int64_t last = std::min(shape_.kernel_w, shape_.in_w - column);
  if (first >= last) return padding_;
  std::copy_n(padding_, tap_, piece);
  std::copy_n(row + (column + first) * pixel_, (last - first) * pixel_, piece + first * pixel_);
  return piece;
}

// One tap of `count` neighbouring pixels, the first with its tap at `column` of the input row,
// which is null above and below the input.
template <class T>
void TapPointers<T>::find_taps(const T* row, int64_t column, const Columns& inside,
                               int64_t out_column, int64_t count, const T** to, T* pieces) const {
  if (row == nullptr) {
    std::fill_n(to, count, padding_);
    return;
  }
  const int64_t first = std::clamp<int64_t>(inside.begin - out_column, 0, count);
  const int64_t last = std::clamp<int64_t>(inside.end - out_column, first, count);
  const int64_t step = shape_.stride_w;
  const auto outside = [&](int64_t i) {
    to[i] = whole_rows_ ? cut(row, column + i * step, pieces + i * tap_) : padding_;
  };
  for (int64_t i = 0; i < first; ++i) outside(i);
  if (first < last) {
    point_evenly(to + first, row + (column + first * step) * pixel_, step * pixel_, last - first);
  }
  for (int64_t i = last; i < count; ++i) outside(i);
}

template <class T>
void TapPointers<T>::find(const T* x, int64_t begin, int64_t end, const T** rows, T* pieces) const {
  const ConvShape& s = shape_;
  if (s.is_pointwise()) return point_evenly(rows, x + begin * pixel_, pixel_, end - begin);
  for (int64_t m = begin; m < end;) {
    const int64_t ow = m % s.out_w, oh = m / s.out_w % s.out_h, image = m / (s.out_w * s.out_h);
    const int64_t count = std::min(s.out_w - ow, end - m);
    const T** to = rows + (m - begin);
    T* cuts = pieces + (whole_rows_ ? (m - begin) * tap_ : 0);
    for (int64_t kh = 0; kh < s.kernel_h; ++kh) {
      const int64_t ih = oh * s.stride_h - s.pad_top + kh * s.dilation_h;
      const bool inside = ih >= 0 && ih < s.in_h;
      const T* row = inside ? x + (image * s.in_h + ih) * s.in_w * pixel_ : nullptr;
      int64_t column = ow * s.stride_w - s.pad_left;
      for (const Columns& columns : columns_) {
        find_taps(row, column, columns, ow, count, to, cuts);
        to += row_step_;
        column += s.dilation_w;
      }
      if (whole_rows_) cuts += row_step_ * tap_;
    }
    m += count;
  }
}

template class TapPointers<float>;
template class TapPointers<std::byte>;

}  // namespace fettle::runtime
