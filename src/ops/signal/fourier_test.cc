// SPDX-License-Identifier: Apache-2.0
#include "ops/signal/fourier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace fettle::ops {
namespace {

// A sum of two known waves has its peaks where they are, whichever way it is computed.
TEST(Fourier, FindsTheWavesOfASignal) {
  for (const int64_t n : {1, 2, 3, 8, 15, 64, 100}) {
    std::vector<Complex> scratch(Fourier::scratch_elements(n));
    Fourier f(n, false, scratch.data());
    const int64_t wave = n / 3;
    for (int64_t k = 0; k < n; ++k) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(wave * k % n) / static_cast<double>(n);
      f.input()[k] = {3 + std::cos(angle), std::sin(angle)};
    }
    const Complex* out = f.transform();
    for (int64_t k = 0; k < n; ++k) {
      const double expected =
          (k == 0 ? 3.0 * static_cast<double>(n) : 0) + (k == wave ? static_cast<double>(n) : 0);
      EXPECT_NEAR(out[k].re, expected, 1e-9 * static_cast<double>(n)) << n << " at " << k;
      EXPECT_NEAR(out[k].im, 0, 1e-9 * static_cast<double>(n)) << n << " at " << k;
    }
  }
}

TEST(Fourier, InverseGoesBack) {
  for (const int64_t n : {7, 32}) {
    std::vector<Complex> scratch(Fourier::scratch_elements(n)), back(scratch.size());
    Fourier f(n, false, scratch.data()), g(n, true, back.data());
    for (int64_t k = 0; k < n; ++k) f.input()[k] = {static_cast<double>(k * k % 5), 1.0 / (1 + k)};
    const Complex* spectrum = f.transform();
    std::copy_n(spectrum, n, g.input());
    const Complex* again = g.transform();
    for (int64_t k = 0; k < n; ++k) {
      EXPECT_NEAR(again[k].re, static_cast<double>(k * k % 5), 1e-12);
      EXPECT_NEAR(again[k].im, 1.0 / static_cast<double>(1 + k), 1e-12);
    }
  }
}

}  // namespace
}  // namespace fettle::ops
