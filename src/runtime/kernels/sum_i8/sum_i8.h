// SPDX-License-Identifier: Apache-2.0
//
// Sums of one or two tensors of 8-bit codes, element by element: Add of equal shapes, by
// base/sum_of_codes.h, and Requantize, by base/requantize.h.
#pragma once

#include <cstdint>

#include "base/cpu.h"
#include "base/sum_of_codes.h"

namespace fettle::runtime {

// to[i] = b ? sum(a[i] - zero_a, b[i] - zero_b) : float(a[i] - zero_a) * scale, then clamped, plus
// zero_point. `to` may be a or b. Codes of u8 are those of i8 with their sign bit flipped.
struct SumI8 {
  const int8_t* a;
  const int8_t* b;  // null: none
  int8_t* to;
  int64_t count;
  uint8_t flip_a, flip_to;  // 0x80 for u8, with zero points less 128
  int32_t zero_a, zero_b;
  float scale;
  SumOfCodes sum;
  int32_t lo, hi;  // bounds before the zero point is added
  int32_t zero_point;
};

using SumI8Fn = void (*)(const SumI8& sum);
// The best that runs on `isa`.
SumI8Fn sum_i8(Isa isa);

}  // namespace fettle::runtime
