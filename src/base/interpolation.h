// SPDX-License-Identifier: Apache-2.0
//
// How codes are weighted where Resize interpolates linearly, in integers alone. Along an axis the
// second of two codes weighs `units` of 2^bits and the first the rest; weights of two axes
// multiply, so sums of 8-bit codes are of at most 8 + 11 + 11 bits, of 16-bit ones of 16 + 15 + 15,
// and exact:
//
//   y = (sum + half) >> (bits * axes),  half = 2^(bits * axes - 1)
//
// Halves go up. Weights add up to one, so a range stays what it is and nothing is clamped. A weight
// is half a unit off at most, which over two axes is an eighth of a step of 8 bits and two steps of
// 16. XNNPACK, which LiteRT runs, rounds weights of 8-bit codes to the same 11 bits.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace fettle {

constexpr int interpolation_bits(size_t code_bytes) { return code_bytes == 1 ? 11 : 15; }
constexpr int kMostInterpolatedAxes = 2;

// `fraction` of the way from one code to the next, within [0, 1], in units of 2^-bits.
inline int32_t interpolation_units(double fraction, int bits) {
  return static_cast<int32_t>(std::nearbyint(std::ldexp(fraction, bits)));
}

}  // namespace fettle
