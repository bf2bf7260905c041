// SPDX-License-Identifier: Apache-2.0
//
// The body of elementwise_f32, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/elementwise_f32/elementwise_f32.h"
#include "runtime/kernels/vector_f32.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace fettle::runtime {
namespace {

#define FETTLE_BINARY(Name, expression)   \
  struct Name {                           \
    template <class T>                    \
    static FETTLE_INLINE T of(T a, T b) { \
      return expression;                  \
    }                                     \
  };
FETTLE_BINARY(AddOf, a + b)
FETTLE_BINARY(SubOf, a - b)
FETTLE_BINARY(MulOf, a* b)
FETTLE_BINARY(DivOf, a / b)
FETTLE_BINARY(MaxOf, ((a > b) | (a != a)) ? a : b)  // a NaN wins
FETTLE_BINARY(MinOf, ((a < b) | (a != a)) ? a : b)
FETTLE_BINARY(PReluOf, (a < 0.0F) ? a* b : a)
#undef FETTLE_BINARY

// Bounds first: of two operands, the second comes out where either is a NaN.
template <class T>
FETTLE_INLINE T clamp_of(T x, T lo, T hi) {
  return min_of(hi, max_of(lo, x));
}

template <bool kSpread, class T>
FETTLE_INLINE T operand(const float* p, int64_t c) {
  if constexpr (kSpread)
    return splat<T>(*p);
  else
    return load<T>(p + c);
}

template <class F, bool kSpreadA, bool kSpreadB>
FETTLE_INLINE void binary_row(const float* a, const float* b, float* y, int64_t n, float lo,
                              float hi) {
  const V low = splat<V>(lo), high = splat<V>(hi);
  int64_t c = 0;
  for (; c + 4 * kLanes <= n; c += 4 * kLanes) {
    V v[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const int64_t at = c + i * kLanes;
      v[i] = F::of(operand<kSpreadA, V>(a, at), operand<kSpreadB, V>(b, at));
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) store(y + c + i * kLanes, clamp_of(v[i], low, high));
  }
  for (; c + kLanes <= n; c += kLanes) {
    const V v = F::of(operand<kSpreadA, V>(a, c), operand<kSpreadB, V>(b, c));
    store(y + c, clamp_of(v, low, high));
  }
  for (; c < n; ++c) {
    const float v = F::of(operand<kSpreadA, float>(a, c), operand<kSpreadB, float>(b, c));
    y[c] = clamp_of(v, lo, hi);
  }
}

template <class F>
void binary_rows(const BinaryF32Rows& rows) {
  const BinaryF32Rows t = rows;  // where no store can reach it
  const float *a = t.a, *b = t.b;
  float* y = t.y;
  for (int64_t r = 0; r < t.rows; ++r) {
    if (t.a_column_step == 0) {
      binary_row<F, true, false>(a, b, y, t.columns, t.lo, t.hi);
    } else if (t.b_column_step == 0) {
      binary_row<F, false, true>(a, b, y, t.columns, t.lo, t.hi);
    } else {
      binary_row<F, false, false>(a, b, y, t.columns, t.lo, t.hi);
    }
    a += t.a_row_step;
    b += t.b_row_step;
    y += t.columns;
  }
}

// 2^f for |f| <= 1/2, within rounding; the exponent of the result is left to the caller.
FETTLE_INLINE V exp2_fraction(V f) {
  V p = splat<V>(1.53533589e-4F);
  p = p * f + 1.33988792e-3F;
  p = p * f + 9.61843741e-3F;
  p = p * f + 5.55033246e-2F;
  p = p * f + 2.40226479e-1F;
  p = p * f + 6.93147203e-1F;
  return p * f + 1.0F;
}

// e^x over all floats: 0 and infinity where it leaves them (denormals are 0).
FETTLE_INLINE V exp_whole(V x) {
  const V bound = min_of(splat<V>(89.0F), max_of(splat<V>(-88.0F), x));
  const V n = round_of(bound * 1.44269504F);
  // ln 2 in two parts, the first with so few bits that n * it is exact.
  const V f = (bound - n * 0.693359375F) - n * -2.12194440e-4F;
  V e = exp2_fraction(f * 1.44269504F);
  // In two steps: 2^128 itself is no float.
  const V half = round_of(n * 0.5F);
  e = scale_of(scale_of(e, half), n - half);
  e = x < -87.33654F ? splat<V>(0) : e;
  return x > 88.7228391F ? splat<V>(__builtin_inff()) : e;
}

FETTLE_INLINE V sqrt_of(V x) {
#if defined(__AVX512F__)
  return (V)_mm512_maskz_sqrt_ps(0xffff, (__m512)x);
#elif defined(__AVX2__)
  return (V)_mm256_sqrt_ps((__m256)x);
#elif defined(__aarch64__)
  return (V)vsqrtq_f32((float32x4_t)x);
#elif defined(__SSE2__)
  return (V)_mm_sqrt_ps((__m128)x);
#else
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

#define FETTLE_UNARY(Name, expression)                    \
  struct Name {                                           \
    static FETTLE_INLINE V of(V x) { return expression; } \
  };
FETTLE_UNARY(ExpOf, exp_whole(x))
FETTLE_UNARY(SqrtOf, sqrt_of(x))
FETTLE_UNARY(AbsOf, (V)((VI)x & 0x7fffffff))
FETTLE_UNARY(NegOf, -x)
FETTLE_UNARY(ReciprocalOf, 1.0F / x)
#undef FETTLE_UNARY

// The last n floats of a row as a vector, the rest of it `fill`.
FETTLE_INLINE V load_tail(const float* p, int64_t n, float fill) {
  float tail[kLanes];
  for (int i = 0; i < kLanes; ++i) tail[i] = i < n ? p[i] : fill;
  return load<V>(tail);
}
FETTLE_INLINE void store_tail(float* p, int64_t n, V v) {
  for (int i = 0; i < n; ++i) p[i] = v[i];
}

template <class F>
void unary_row(const float* x, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, F::of(load<V>(x + i)));
  if (i < n) store_tail(y + i, n - i, F::of(load_tail(x + i, n - i, 1.0F)));
}

// Rows too short to fill vectors: the exponentials of many rows at a time.
constexpr int64_t kShortRow = 8;
void softmax_short_rows(const float* x, float* y, int64_t rows, int64_t n) {
  constexpr int64_t kFloats = 16 * kLanes;
  float e[kFloats] = {};
  for (int64_t left = rows; left > 0;) {
    const int64_t together = left < kFloats / n ? left : kFloats / n, floats = together * n;
    for (int64_t at = 0; at < floats; at += n) {
      float largest = x[at];
      for (int64_t i = 1; i < n; ++i) largest = max_of(largest, x[at + i]);
      for (int64_t i = 0; i < n; ++i) e[at + i] = x[at + i] - largest;
    }
    for (int64_t i = 0; i < floats; i += kLanes) store(e + i, exp_whole(load<V>(e + i)));
    for (int64_t at = 0; at < floats; at += n) {
      float sum = 0;
      for (int64_t i = 0; i < n; ++i) sum += e[at + i];
      const float factor = 1.0F / sum;
      for (int64_t i = 0; i < n; ++i) y[at + i] = e[at + i] * factor;
    }
    x += floats;
    y += floats;
    left -= together;
  }
}

void softmax_rows(const float* x, float* y, int64_t rows, int64_t n) {
  if (n <= kShortRow) return softmax_short_rows(x, y, rows, n);
  const float infinity = __builtin_inff();
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    V most = splat<V>(0) - infinity;
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) most = max_of(most, load<V>(x + i));
    if (i < n) most = max_of(most, load_tail(x + i, n - i, -infinity));
    float largest = most[0];
    for (int j = 1; j < kLanes; ++j) largest = max_of(largest, most[j]);
    V sums = splat<V>(0);
    for (i = 0; i + kLanes <= n; i += kLanes) {
      const V e = exp_whole(load<V>(x + i) - largest);
      store(y + i, e);
      sums += e;
    }
    if (i < n) {
      const V e = exp_whole(load_tail(x + i, n - i, -infinity) - largest);
      store_tail(y + i, n - i, e);
      for (int j = 0; j < n - i; ++j) sums[j] += e[j];
    }
    float sum = 0;
    for (int j = 0; j < kLanes; ++j) sum += sums[j];
    const float factor = 1.0F / sum;
    for (i = 0; i + kLanes <= n; i += kLanes) store(y + i, load<V>(y + i) * factor);
    for (; i < n; ++i) y[i] *= factor;
  }
}

#define FETTLE_ELEMENTWISE(name, isa)                                                            \
  {                                                                                              \
    name, isa, {binary_rows<AddOf>, binary_rows<SubOf>, binary_rows<MulOf>,  binary_rows<DivOf>, \
                binary_rows<MaxOf>, binary_rows<MinOf>, binary_rows<PReluOf>},                   \
        {unary_row<ExpOf>, unary_row<SqrtOf>, unary_row<AbsOf>, unary_row<NegOf>,                \
         unary_row<ReciprocalOf>},                                                               \
        softmax_rows                                                                             \
  }

}  // namespace
}  // namespace fettle::runtime
