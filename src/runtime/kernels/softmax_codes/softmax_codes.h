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
  // SoftmaxExponentials<T>::tables, one after another.
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

// The tables of a row's exponentials. Of 8-bit codes one: of the code i - 255 steps below the row's
// largest, so that the last is of the largest itself. Of 16-bit ones two, of steps below the
// largest and of 256 of them; a difference's exponential is the product of one of either.
template <class T>
struct SoftmaxExponentials {
  int32_t tables[sizeof(T)][kExponentialCodes];
  void fill(float scale);  // of codes in steps of `scale`
};

}  // namespace fettle::runtime
