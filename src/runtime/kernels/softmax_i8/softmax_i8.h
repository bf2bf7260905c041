// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernel of Softmax over rows of 8-bit codes (ops/softmax/integer.cc): exponentials come
// from a table one by one, which no instruction set does faster from so large a one; the largest
// code and the results a vector at a time.
#pragma once

#include <cstdint>

#include "base/code_exponentials.h"
#include "base/cpu.h"

namespace fettle::runtime {

struct SoftmaxI8Rows {
  const int8_t* x;
  int8_t* y;             // may be x
  int64_t rows, length;  // both at least 1
  // Of the code i - 255 steps below the row's largest: the last one is that of the largest itself.
  const int32_t* exponentials;
  float scale;  // of the result
  int32_t zero_point;
};
using SoftmaxI8Fn = void (*)(const SoftmaxI8Rows& rows);
// The best that runs on `isa`.
SoftmaxI8Fn softmax_i8(Isa isa);

}  // namespace fettle::runtime
