// SPDX-License-Identifier: Apache-2.0
//
// How 8-bit codes are weighted where Resize interpolates linearly, in integers alone. Along an axis
// the second of two codes weighs `units` of 2048 and the first the rest; weights of two axes
// multiply, so sums are of at most 8 + 11 + 11 bits and exact:
//
//   y = (sum + half) >> (11 * axes),  half = 2^(11 * axes - 1)
//
// Halves go up. Weights add up to one, so a range stays what it is and nothing is clamped. A weight
// is 1/4096 off at most, which over two axes is an eighth of a step of the result. XNNPACK, which
// LiteRT runs, rounds weights to the same 11 bits.
#pragma once

#include <cmath>
#include <cstdint>

namespace fettle {

constexpr int kInterpolationBits = 11;
constexpr int32_t kInterpolationUnit = int32_t{1} << kInterpolationBits;
constexpr int kMostInterpolatedAxes = 2;

// `fraction` of the way from one code to the next, within [0, 1].
inline int32_t interpolation_units(double fraction) {
  return static_cast<int32_t>(std::nearbyint(fraction * kInterpolationUnit));
}

}  // namespace fettle
