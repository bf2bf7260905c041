// SPDX-License-Identifier: Apache-2.0
//
// The exponentials that Softmax of codes adds up, as integers: the one place where they are
// rounded, so that the operator and its kernels have the same.
#pragma once

#include <cmath>
#include <cstdint>

namespace fettle {

constexpr int kExponentialCodes = 256;
// What one is for 8-bit codes: 255 of them fit 31 bits, and each is exact in float32.
constexpr double kNarrowExponentialUnits = 0x1p23;
// And of the two factors of a 16-bit code's.
constexpr double kWideExponentialUnits = 0x1p30;

// e[i] = exp(-scale * step * i) in units of 1 / one.
inline void fill_code_exponentials(float scale, int step, double one,
                                   int32_t (&e)[kExponentialCodes]) {
  for (int i = 0; i < kExponentialCodes; ++i) {
    const double x = -static_cast<double>(scale) * step * i;
    e[i] = static_cast<int32_t>(std::nearbyint(std::exp(x) * one));
  }
}

// The exponential of a 16-bit code, of its two factors, in the units of 8-bit ones.
inline int32_t wide_exponential(int32_t coarse, int32_t fine) {
  return static_cast<int32_t>((int64_t{coarse} * fine + (int64_t{1} << 36)) >> 37);
}

}  // namespace fettle
