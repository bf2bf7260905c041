// SPDX-License-Identifier: Apache-2.0
//
// Operators of two tensors of 8-bit codes, element by element, in the arithmetic of their
// operator's integer form: a sum in integers (base/sum_of_codes.h; a difference has a negative
// multiplier), a product exact before its one multiplication, the larger or smaller of two
// products that are rounded first.
#pragma once

#include <cstdint>

#include "base/cpu.h"
#include "base/sum_of_codes.h"

namespace fettle::runtime {

enum class PairI8Kind : uint8_t { sum, product, least, largest };
inline constexpr int kPairI8Kinds = 4;

// The most elements that are computed together.
inline constexpr int64_t kMostPairCodes = 64;

// What an operand that repeats itself comes to, of each of its elements y: the other addend of a
// sum, with rounding and the other zero point in it; y of a product; else y * scale_b.
union PairI8Term {
  int32_t addend;
  float number;
};

// With x = a[i] - zero_a and y = b[i] - zero_b, before the zero point and the clamp:
//   sum              sum(x, y)
//   product          round(x * y * scale_a)
//   least, largest   round(the one of x * scale_a and y * scale_b)
// What is rounded is at most 2^30 either way. `to` may be a or b.
struct PairI8 {
  const int8_t* a;
  const int8_t* b;
  // In place of b, where it repeats itself: element i's is terms[(at + i) % period]. period is at
  // least kMostPairCodes, and as many terms follow once more.
  const PairI8Term* terms;
  int64_t period, at;
  int8_t* to;
  int64_t count;
  int32_t zero_a, zero_b;
  SumOfCodes sum;
  float scale_a, scale_b;
  int32_t zero_point;
  int8_t low, high;
};
using PairI8Fn = void (*)(const PairI8& pair);

struct PairI8Kernels {
  PairI8Fn both[kPairI8Kinds];        // by PairI8Kind; reads a and b
  PairI8Fn with_terms[kPairI8Kinds];  // reads a and terms
};

// The best that runs on `isa`.
const PairI8Kernels& pair_i8(Isa isa);

}  // namespace fettle::runtime
