// SPDX-License-Identifier: Apache-2.0
//
// One discrete Fourier transform in double: radix 2 where the length is a power of two, and the
// sum as it is written where not.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fettle::ops {

struct Complex {
  double re = 0, im = 0;
};

class Fourier {
 public:
  // How many Complex of scratch a transform of length n needs.
  static size_t scratch_elements(int64_t n) { return static_cast<size_t>(n) * 3; }
  Fourier(int64_t n, bool inverse, Complex* scratch);

  int64_t length() const { return n_; }
  Complex* input() { return input_; }  // length() elements, to be filled
  const Complex* transform();          // length() elements; overwrites the input

 private:
  void radix2(Complex* x) const;
  int64_t n_;
  bool inverse_;
  Complex *input_, *output_, *roots_;  // roots_[k] = exp(-+ 2 pi i k / n)
};

}  // namespace fettle::ops
