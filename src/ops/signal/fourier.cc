// SPDX-License-Identifier: Apache-2.0
#include "ops/signal/fourier.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace fettle::ops {

Fourier::Fourier(int64_t n, bool inverse, Complex* scratch)
    : n_(n), inverse_(inverse), input_(scratch), output_(scratch + n), roots_(scratch + 2 * n) {
  const double sign = inverse ? 1 : -1;
  for (int64_t k = 0; k < n; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    roots_[k] = {std::cos(angle), sign * std::sin(angle)};
  }
}

void Fourier::radix2(Complex* x) const {
  for (int64_t i = 1, j = 0; i < n_; ++i) {  // elements into the order of their reversed bits
    int64_t bit = n_ >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (int64_t size = 2; size <= n_; size *= 2) {
    const int64_t half = size / 2, stride = n_ / size;
    for (int64_t base = 0; base < n_; base += size) {
      for (int64_t k = 0; k < half; ++k) {
        const Complex w = roots_[k * stride], a = x[base + k], b = x[base + k + half];
        const Complex t = {b.re * w.re - b.im * w.im, b.re * w.im + b.im * w.re};
        x[base + k] = {a.re + t.re, a.im + t.im};
        x[base + k + half] = {a.re - t.re, a.im - t.im};
      }
    }
  }
}

const Complex* Fourier::transform() {
  Complex* result = input_;
  if ((n_ & (n_ - 1)) == 0) {
    radix2(input_);
  } else {
    result = output_;
    for (int64_t k = 0; k < n_; ++k) {
      Complex sum;
      for (int64_t j = 0, at = 0; j < n_; ++j) {
        const Complex w = roots_[at], x = input_[j];
        sum.re += x.re * w.re - x.im * w.im;
        sum.im += x.re * w.im + x.im * w.re;
        at += k;
        at = at >= n_ ? at - n_ : at;
      }
      output_[k] = sum;
    }
  }
  if (inverse_) {
    for (int64_t k = 0; k < n_; ++k) {
      result[k].re /= static_cast<double>(n_);
      result[k].im /= static_cast<double>(n_);
    }
  }
  return result;
}

}  // namespace fettle::ops
