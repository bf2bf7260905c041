// SPDX-License-Identifier: Apache-2.0
//
// The body of activation_f32, for the files of the instruction sets alone.
//
// Algorithm: exp as a power of 2, its fraction by a polynomial of degree 6; tanh by a series near 0
// and by exp elsewhere; gelu through erfc of Abramowitz and Stegun 7.1.26.
#pragma once

#include "runtime/kernels/activation_f32/activation_f32.h"
#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

// 2^t for |t| <= 126, the least and the greatest beyond; a NaN stays one.
FETTLE_INLINE V exp2_of(V t) {
  t = max_of(splat<V>(-126.0F), min_of(splat<V>(126.0F), t));
  const V n = round_of(t);
  const V f = t - n;
  // Minimax in relative error over [-1/2, 1/2], exact at 0: 2e-9, and what is left of rounding has
  // no bias that deep networks would add up.
  V p = splat<V>(1.53533589e-4F);
  p = p * f + 1.33988792e-3F;
  p = p * f + 9.61843741e-3F;
  p = p * f + 5.55033246e-2F;
  p = p * f + 2.40226479e-1F;
  p = p * f + 6.93147203e-1F;
  p = p * f + 1.0F;
  return scale_of(p, n);
}
constexpr float kLog2E = 1.44269504F;
FETTLE_INLINE V exp_of(V x) { return exp2_of(x * kLog2E); }

FETTLE_INLINE V abs_of(V x) { return (V)((VI)x & 0x7fffffff); }

FETTLE_INLINE V sigmoid_of(V x) { return inverse_of(1.0F + exp2_of(x * -kLog2E)); }

FETTLE_INLINE V tanh_of(V x) {
  const V a = abs_of(x);
  const V s = x * x;
  V p = splat<V>(-5.70498872745e-3F);
  p = p * s + 2.06390887954e-2F;
  p = p * s + -5.37397155531e-2F;
  p = p * s + 1.33314422036e-1F;
  p = p * s + -3.33332819422e-1F;
  const V near = p * s * x + x;
  const V far = 1.0F - 2.0F * inverse_of(exp_of(a + a) + 1.0F);
  const V signed_far = (V)((VI)far | ((VI)x & static_cast<int32_t>(0x80000000U)));
  return a < 0.625F ? near : signed_far;
}

FETTLE_INLINE V gelu_of(V x) {
  const V z = abs_of(x) * 0.70710678F;
  const V t = inverse_of(1.0F + z * 0.3275911F);
  V p = splat<V>(1.061405429F);
  p = p * t + -1.453152027F;
  p = p * t + 1.421413741F;
  p = p * t + -0.284496736F;
  p = p * t + 0.254829592F;
  const V q = 0.5F * p * t * exp_of(-z * z);  // erfc(z) / 2
  return x < 0.0F ? x * q : x - x * q;
}

template <ActivationKind kKind>
FETTLE_INLINE V apply(V x, V lo, V hi) {
  const V zero = splat<V>(0), one = splat<V>(1);
  if constexpr (kKind == ActivationKind::clamp) return min_of(hi, max_of(lo, x));
  if constexpr (kKind == ActivationKind::hard_swish) {
    return x * min_of(max_of(x * (1.0F / 6.0F) + 0.5F, zero), one);
  }
  if constexpr (kKind == ActivationKind::hard_sigmoid) {
    return min_of(max_of(x * lo + hi, zero), one);
  }
  if constexpr (kKind == ActivationKind::sigmoid) return sigmoid_of(x);
  if constexpr (kKind == ActivationKind::silu) return x * sigmoid_of(x);
  if constexpr (kKind == ActivationKind::leaky_relu) return x < 0.0F ? x * lo : x;
  if constexpr (kKind == ActivationKind::tanh) return tanh_of(x);
  return gelu_of(x);
}

template <ActivationKind kKind>
void activate(const Activation& act, const float* from, float* to, int64_t rows, int64_t cols,
              int64_t stride) {
  const V lo = splat<V>(act.lo), hi = splat<V>(act.hi);
  if (cols == stride) {
    cols *= rows;
    rows = 1;
  }
  const int64_t rest = cols % kLanes;
  if (cols < kLanes) {
    for (int64_t r = 0; r < rows; ++r, from += stride, to += stride) {
      float few[kLanes] = {};
      for (int64_t c = 0; c < cols; ++c) few[c] = from[c];
      store(few, apply<kKind>(load<V>(few), lo, hi));
      for (int64_t c = 0; c < cols; ++c) to[c] = few[c];
    }
    return;
  }
  for (int64_t r = 0; r < rows; ++r, from += stride, to += stride) {
    // The last vector overlaps the one before it: `to` may be `from`, so it is read first.
    const V last = load<V>(from + cols - kLanes);
    for (int64_t c = 0; c + kLanes <= cols; c += kLanes) {
      store(to + c, apply<kKind>(load<V>(from + c), lo, hi));
    }
    if (rest != 0) store(to + cols - kLanes, apply<kKind>(last, lo, hi));
  }
}

void run_activation(const Activation& act, const float* from, float* to, int64_t rows, int64_t cols,
                    int64_t stride) {
  switch (act.kind) {
#define FETTLE_CASE(kind)    \
  case ActivationKind::kind: \
    return activate<ActivationKind::kind>(act, from, to, rows, cols, stride)
    FETTLE_CASE(clamp);
    FETTLE_CASE(hard_swish);
    FETTLE_CASE(hard_sigmoid);
    FETTLE_CASE(sigmoid);
    FETTLE_CASE(silu);
    FETTLE_CASE(leaky_relu);
    FETTLE_CASE(tanh);
    FETTLE_CASE(gelu);
#undef FETTLE_CASE
  }
}

}  // namespace
}  // namespace fettle::runtime
