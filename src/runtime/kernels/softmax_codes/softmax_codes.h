// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of Softmax over rows of 8- or 16-bit codes (ops/softmax/integer.cc):
// exponentials come from tables one by one, which no instruction set does faster from so large
// ones; the largest code and the results a vector at a time.
#pragma once

#include <cstdint>

#include "base/code_exponentials.h"
#include "base/cpu.h"

namespace fettle::runtime {

template <class T>
struct SoftmaxRows {
  const T* x;
  T* y;                  // may be x
  int64_t rows, length;  // both at least 1
  // What SoftmaxExponentials<T> has.
  const int32_t* exponentials;
  float scale;  // of the result
  int32_t zero_point;
};
template <class T>
using SoftmaxCodesFn = void (*)(const SoftmaxRows<T>& rows);

struct SoftmaxCodes {
  SoftmaxCodesFn<int8_t> i8;
  SoftmaxCodesFn<int16_t> i16;
  template <class T>
  SoftmaxCodesFn<T> of() const {
    if constexpr (sizeof(T) == 1) {
      return i8;
    } else {
      return i16;
    }
  }
};

// The best that run on `isa`.
const SoftmaxCodes& softmax_codes(Isa isa);

// The tables of a row's exponentials for codes in steps of `scale`.
template <class T>
struct SoftmaxExponentials;

// Of the code i - 255 steps below the row's largest: the last one is that of the largest itself.
template <>
struct SoftmaxExponentials<int8_t> {
  int32_t by_code[kExponentialCodes];
  void fill(float scale);
};

// Of steps below the largest code, and of 256 of them; a difference's is the product of two.
template <>
struct SoftmaxExponentials<int16_t> {
  int32_t fine_coarse[2][kExponentialCodes];
  void fill(float scale);
};

}  // namespace fettle::runtime
