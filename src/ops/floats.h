// SPDX-License-Identifier: Apache-2.0
//
// How reference kernels compute on the four float types: f32, f16 and bf16 in float, f64 in
// double. The inner loops that most of them spend their time in are here, written so that a
// compiler that may not reassociate can still vectorize them.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/dtype.h"
#include "base/status.h"

namespace fettle::ops {

// The type that sums over T are kept in.
template <class T>
using Accum = std::conditional_t<std::is_same_v<T, double>, double,
                                 std::conditional_t<std::is_integral_v<T>, T, float>>;

// Calls f(T{}) for a float type; false for any other.
template <class F>
bool visit_float(DType type, F&& f) {
  switch (type) {
    case DType::f32:
      f(float{});
      return true;
    case DType::f64:
      f(double{});
      return true;
    case DType::f16:
      f(Half{});
      return true;
    case DType::bf16:
      f(BFloat16{});
      return true;
    default:
      return false;
  }
}

// sum of a[i] * b[i], in eight interleaved partial sums.
template <class A, class X, class Y>
A dot(const X* a, const Y* b, int64_t n) {
  A lane[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int j = 0; j < 8; ++j) lane[j] += static_cast<A>(a[i + j]) * static_cast<A>(b[i + j]);
  }
  for (; i < n; ++i) lane[i & 7] += static_cast<A>(a[i]) * static_cast<A>(b[i]);
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

// y[i] += a * x[i * step]
template <class A, class T>
void axpy(A a, const T* x, int64_t step, A* y, int64_t n) {
  if (step == 1) {
    for (int64_t i = 0; i < n; ++i) y[i] += a * static_cast<A>(x[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i] += a * static_cast<A>(x[i * step]);
  }
}

}  // namespace fettle::ops
