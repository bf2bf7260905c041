// SPDX-License-Identifier: Apache-2.0
//
// Operators of two tensors of 16-bit codes, element by element, as the operators' integer form has
// them (src/ops/binary/integer.h): products are rounded to float32 before they are joined, no fused
// multiply-add. A difference is a sum with a negative scale.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

enum class PairI16Kind : uint8_t { sum, product, least, most };
inline constexpr int kPairI16Kinds = 4;

// y[row][column] = requantize(a * scale_a joined with b * scale_b), of a product requantize(a * b *
// scale_a). Steps are in codes; those between columns are 0 or 1. Results before rounding fit 32
// bits. y may be a or b where these have the same extents.
struct PairI16 {
  const int16_t* a;
  const int16_t* b;
  int16_t* y;
  int64_t rows, columns;
  int64_t a_row_step, b_row_step, a_column_step, b_column_step;
  float scale_a, scale_b;
  float lo, hi;
};
using PairI16Fn = void (*)(const PairI16& pair);

struct PairI16Kernels {
  PairI16Fn fn[kPairI16Kinds];
};

// The best that runs on `isa`.
const PairI16Kernels& pair_i16(Isa isa);

}  // namespace fettle::runtime
