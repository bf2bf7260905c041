// SPDX-License-Identifier: Apache-2.0
//
// Sums of one or two tensors of 8-bit codes, element by element: Add of equal shapes, and
// Requantize. Products are rounded before they are added, as the reference does: no fused
// multiply-add.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// to[i] = requantize(float(a[i] - zero_a) * scale_a + float(b[i] - zero_b) * scale_b)
// `to` may be a or b. Codes of u8 are those of i8 with their sign bit flipped.
struct SumI8 {
  const int8_t* a;
  const int8_t* b;  // null: none
  int8_t* to;
  int64_t count;
  uint8_t flip_a, flip_to;  // 0x80 for u8, with zero points less 128
  int32_t zero_a, zero_b;
  float scale_a, scale_b;
  float lo, hi;  // bounds before the zero point is added
  int32_t zero_point;
};

using SumI8Fn = void (*)(const SumI8& sum);
// The best that runs on `isa`.
SumI8Fn sum_i8(Isa isa);

}  // namespace fettle::runtime
