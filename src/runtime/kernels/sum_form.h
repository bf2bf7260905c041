// SPDX-License-Identifier: Apache-2.0
//
// Where the 32-bit sums of a kernel begin, and so what it takes to make codes of them. Converting
// to float and back is most of that on cores that convert four numbers in two cycles. Where no sum
// can be large, it may begin at the bits of a float whose last place is 1: then its own bits are a
// float, and there is nothing to convert.
//
//   integer    0 + s: any sums
//   centred    1.5 * 2^23 + s, for |s| <= 2^22: less 1.5 * 2^23, which is exact, it is float(s)
//   from_zero  2^23 + s, for |s| <= 2^23, where all negative results are the code -128, which is
//              also the zero point. With s >= 0 the product f * m - 2^23 * m rounds once, to the
//              bits of float(s) * m, as 2^23 * m is exact; with s < 0 the float f is one below
//              2^23, whatever its last places, and the product negative.
//
// In the latter two a scaled sum is at most kMostScaled: added to 1.5 * 2^23 it is rounded half to
// even, as in base/requantize.h, and the low 16 bits are the integer.
#pragma once

#include <cstdint>

namespace fettle::runtime {

enum class SumForm : uint8_t { integer, centred, from_zero };

inline constexpr int64_t kMostCentredSum = 1 << 22, kMostSumFromZero = 1 << 23;
// So is a multiplier, for sums of 0: 2^23 times as much is finite.
inline constexpr double kMostScaled = 32000;

// Added to a kernel's initial sums.
inline constexpr int32_t start_of(SumForm form) {
  return form == SumForm::integer ? 0 : form == SumForm::centred ? 0x4b400000 : 0x4b000000;
}
// What from_zero adds to a product for this multiplier.
inline constexpr float offset_of(float multiplier) { return -0x1p23F * multiplier; }

}  // namespace fettle::runtime
