// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of linear interpolation of 8- and 16-bit codes (base/interpolation.h), one axis
// at a time: pairs of a row's pixels weighted into sums as wide as the output's row, then two rows
// of sums weighted into one of codes.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// Two places along an axis, in steps of the array they are used on; `units` is the second's weight.
struct ResizeTapUnits {
  int64_t first, second;
  int32_t units;
};

// `one` is a weight of 1 in units, for codes of type T.
template <class T>
struct ResizeCodes {
  // y = (one - units) * x[first] + units * x[second] for each of `columns` taps, `channels` codes a
  // tap, into neighbouring places of y. Reads the `row` codes of x alone; may write
  // kResizeCodesSlack sums past the end of y.
  void (*columns)(const T* x, int64_t row, const ResizeTapUnits* taps, int32_t* y, int64_t columns,
                  int64_t channels);
  // The codes of two rows of n sums, the second weighing `units`.
  void (*sums)(const int32_t* first, const int32_t* second, int32_t units, T* y, int64_t n);
  // The same of two rows of codes, along one axis alone.
  void (*codes)(const T* first, const T* second, int32_t units, T* y, int64_t n);
};

constexpr int64_t kResizeCodesSlack = 16;

struct ResizeCodesOfBoth {
  ResizeCodes<int8_t> i8;
  ResizeCodes<int16_t> i16;
  template <class T>
  const ResizeCodes<T>& of() const {
    if constexpr (sizeof(T) == 1) {
      return i8;
    } else {
      return i16;
    }
  }
};

// The best that run on `isa`.
const ResizeCodesOfBoth& resize_codes(Isa isa);

}  // namespace fettle::runtime
