// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

namespace fettle::runtime {

// rows[i] = first + i * step for i < count: the rows of an indirect product that lie evenly.
template <class T>
inline void point_evenly(const T** rows, const T* first, int64_t step, int64_t count) {
  const T *even = first, *odd = first + step;
  step *= 2;
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    rows[i] = even;
    rows[i + 1] = odd;
    rows[i + 2] = even += step;
    rows[i + 3] = odd += step;
    even += step;
    odd += step;
  }
  for (; i < count; ++i, std::swap(even, odd)) {
    rows[i] = even;
    even += step;
  }
}

}  // namespace fettle::runtime
