// SPDX-License-Identifier: Apache-2.0
//
// Where the taps of a convolution's output pixels lie: for each tap of each pixel a pointer into
// the channels-last input, or to a tap of padding. Where a tap is a whole row of the kernel,
// padding cuts some in two: those are copied.
#pragma once

#include <vector>

#include "runtime/kernels/conv_f32/conv_shape.h"

namespace fettle::runtime {

template <class T>  // float, or std::byte for codes
class TapPointers {
 public:
  // In elements: from one pixel of the input to the next, and of a tap. `row_step` pointers are
  // from a pixel's tap to its next; `padding` is a tap of it, which has to stay where it is.
  void plan(const ConvShape& shape, bool whole_rows, int64_t pixel, int64_t tap, int64_t row_step,
            const T* padding);
  // rows[tap * row_step + i] for output pixel begin + i. `pieces` has room for the taps of all
  // these pixels where taps are whole rows; x is the first element that a tap can begin with.
  void find(const T* x, int64_t begin, int64_t end, const T** rows, T* pieces) const;

 private:
  // Of taps in one kernel column: output columns [begin, end) have them inside the input.
  struct Columns {
    int64_t begin, end;
  };
  void find_taps(const T* row, int64_t column, const Columns& inside, int64_t out_column,
                 int64_t count, const T** to, T* pieces) const;
  const T* cut(const T* row, int64_t column, T* piece) const;

  ConvShape shape_{};
  bool whole_rows_ = false;
  int64_t pixel_ = 0, tap_ = 0, row_step_ = 0;
  const T* padding_ = nullptr;
  std::vector<Columns> columns_;  // one where taps are whole rows
};

}  // namespace fettle::runtime
