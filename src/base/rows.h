// SPDX-License-Identifier: Apache-2.0
//
// A range of rows of an image [1, H, W, C]. Operators that can make a few rows of their output
// from a few rows of their inputs are run that way in chains (plan::Chain).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fettle {

struct Rows {
  int64_t begin = 0, end = 0;
  int64_t count() const { return end > begin ? end - begin : 0; }
  bool operator==(const Rows&) const = default;
};

// The rows of an input of `size` rows that windows over it read for rows `out` of the output.
inline Rows window_rows(Rows out, int64_t size, int64_t kernel, int64_t stride, int64_t dilation,
                        int64_t pad) {
  const int64_t begin = out.begin * stride - pad;
  const int64_t end = (out.end - 1) * stride - pad + (kernel - 1) * dilation + 1;
  return {std::clamp<int64_t>(begin, 0, size), std::clamp<int64_t>(end, 0, size)};
}

// Where row 0 would be, for data whose first byte lies `bytes` behind it: an address to count from,
// never to read at.
inline std::byte* row_zero(std::byte* data, int64_t bytes) {
  return reinterpret_cast<std::byte*>(reinterpret_cast<uintptr_t>(data) -
                                      static_cast<uintptr_t>(bytes));
}

}  // namespace fettle
