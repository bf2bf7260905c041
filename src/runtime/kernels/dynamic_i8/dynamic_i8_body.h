// SPDX-License-Identifier: Apache-2.0
//
// The body of dynamic_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/dynamic_i8/dynamic_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// A product that no addition may be fused with.
FETTLE_INLINE V rounded(V product) {
#if defined(__AVX2__) || defined(__aarch64__)
  hold(product);
#else
  asm("" : "+m"(product));
#endif
  return product;
}

FETTLE_INLINE V fused(V a, V b, V c) {
#if defined(__AVX512F__)
  return (V)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (V)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (V)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  V y;
  for (int i = 0; i < kLanes; ++i) y[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return y;
#endif
}

// `bound` where x is not a number.
FETTLE_INLINE V lower_of(V x, V bound) {
#if defined(__aarch64__)
  return (V)vminnmq_f32((float32x4_t)x, (float32x4_t)bound);
#elif defined(__ARM_NEON)  // 32-bit: has no such instruction
  return x < bound ? x : bound;
#else
  return min_of(x, bound);
#endif
}
FETTLE_INLINE V higher_of(V x, V bound) {
#if defined(__aarch64__)
  return (V)vmaxnmq_f32((float32x4_t)x, (float32x4_t)bound);
#elif defined(__ARM_NEON)
  return x > bound ? x : bound;
#else
  return max_of(x, bound);
#endif
}

// The smallest of all lanes; none of them is not a number.
FETTLE_INLINE float smallest_of(V v) {
#if defined(__AVX2__)
#if defined(__AVX512F__)
  H halves[2];
  std::memcpy(halves, &v, sizeof v);
  const __m256 y = _mm256_min_ps((__m256)halves[0], (__m256)halves[1]);
#else
  const auto y = (__m256)v;
#endif
  __m128 x = _mm_min_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
  x = _mm_min_ps(x, _mm_movehl_ps(x, x));
  return _mm_cvtss_f32(_mm_min_ss(x, _mm_shuffle_ps(x, x, 1)));
#elif defined(__aarch64__)
  return vminvq_f32((float32x4_t)v);
#else
  const float a = v[0] < v[1] ? v[0] : v[1], b = v[2] < v[3] ? v[2] : v[3];
  return a < b ? a : b;
#endif
}

void find_range(const float* x, int64_t n, float* least, float* most) {
  V low = splat<V>(*least), high = splat<V>(*most), low2 = low, high2 = high;
  int64_t i = 0;
  for (; i + 2 * kLanes <= n; i += 2 * kLanes) {
    const V a = load<V>(x + i), b = load<V>(x + i + kLanes);
    low = lower_of(a, low);
    high = higher_of(a, high);
    low2 = lower_of(b, low2);
    high2 = higher_of(b, high2);
  }
  if (i + kLanes <= n) {
    const V a = load<V>(x + i);
    low = lower_of(a, low);
    high = higher_of(a, high);
    i += kLanes;
  }
  float a = smallest_of(min_of(low, low2)), b = -smallest_of(-max_of(high, high2));
  for (; i < n; ++i) {
    a = x[i] < a ? x[i] : a;
    b = x[i] > b ? x[i] : b;
  }
  *least = a;
  *most = b;
}

void find_ranges(RangesI8* r) {
  const V none = {}, one = splat<V>(1);
  for (int64_t i = 0; i < RangesI8::kCount; i += kLanes) {
    V least = load<V>(r->least + i), most = load<V>(r->most + i);
    least = least < none ? least : none;
    most = most > none ? most : none;
    const V inverse = least == most ? one : 255.0F / (most - least);
    const V low = rounded(least * inverse), high = rounded(most * inverse);
    V zero = (low - 128.0F) + (high + 127.0F) > none ? -128.0F - low : 127.0F - high;
    zero = zero == zero ? zero : none;
    store(r->inverse + i, inverse);
    store(r->scale + i, one / inverse);
    const VI code = round_codes(zero, splat<V>(-128), splat<V>(127), VI{});
    std::memcpy(r->zero + i, &code, sizeof code);
  }
}

FETTLE_INLINE V scaled_by(const DynamicRange& range, V x) {
  x = x * splat<V>(range.inverse);
  return x == x ? x : V{};
}

void quantize_floats(const float* x, int64_t n, const DynamicRange& range, int8_t* to) {
  const V lo = splat<V>(static_cast<float>(-128 - range.zero));
  const V hi = splat<V>(static_cast<float>(127 - range.zero));
  const VI zero = splat_int(range.zero);
  const auto codes_at = [&](const float* from, int8_t* codes) {
    store_codes(codes, round_codes(scaled_by(range, load<V>(from)), lo, hi, zero));
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) codes_at(x + i, to + i);
  if (i == n) return;
  float from[kLanes] = {};
  int8_t codes[kLanes];
  const auto rest = static_cast<size_t>(n - i);
  std::memcpy(from, x + i, rest * sizeof(float));
  codes_at(from, codes);
  std::memcpy(to + i, codes, rest);
}

void centre_floats(const float* x, int64_t n, const DynamicRange& range, float* to) {
  const V lo = splat<V>(static_cast<float>(-128 - range.zero));
  const V hi = splat<V>(static_cast<float>(127 - range.zero));
  const auto centred = [&](const float* from) {
    const V v = min_of(max_of(scaled_by(range, load<V>(from)), lo), hi);
    const V whole = floats_of(__builtin_convertvector(v, VI)), rest = v - whole;  // towards 0
    const V one = splat<V>(1);
    return whole + (rest >= 0.5F ? one : V{}) - (rest <= -0.5F ? one : V{});
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, centred(x + i));
  if (i == n) return;
  float from[kLanes] = {}, some[kLanes];
  const auto bytes = static_cast<size_t>(n - i) * sizeof(float);
  std::memcpy(from, x + i, bytes);
  store(some, centred(from));
  std::memcpy(to + i, some, bytes);
}

void finish_sums(const FinishSums& given) {
  const FinishSums f = given;  // where no store can reach it
  const V lo = splat<V>(f.lo), hi = splat<V>(f.hi);
  for (int64_t m = 0; m < f.rows; ++m) {
    const int32_t* sums = f.sums + m * f.sum_stride;
    const float* residual = f.residual == nullptr ? nullptr : f.residual + m * f.out_stride;
    float* out = f.out + m * f.out_stride;
    const V scale = splat<V>(f.scales[m]);
    const auto value = [&](int64_t n, const float* added) {
      const V sum = rounded(floats_of(load_ints(sums + n)) * scale);
      V y = fused(sum, load<V>(f.weight_scales + n), load<V>(f.bias + n));
      if (added != nullptr) y += load<V>(added);
      return min_of(max_of(y, lo), hi);
    };
    int64_t n = 0;
    for (; n + kLanes <= f.columns; n += kLanes) {
      store(out + n, value(n, residual == nullptr ? nullptr : residual + n));
    }
    if (n == f.columns) continue;
    float added[kLanes] = {}, some[kLanes];
    const auto bytes = static_cast<size_t>(f.columns - n) * sizeof(float);
    if (residual != nullptr) std::memcpy(added, residual + n, bytes);
    store(some, value(n, residual == nullptr ? nullptr : added));
    std::memcpy(out + n, some, bytes);
  }
}

void finish_depthwise_sums(const FinishDepthwise& given) {
  const FinishDepthwise f = given;
  const V lo = splat<V>(f.lo), hi = splat<V>(f.hi), scale = splat<V>(f.scale);
  for (int64_t m = 0; m < f.rows; ++m) {
    float* out = f.out + m * f.channels;
    const auto value = [&](const float* sums, const float* weight_scales, const float* bias) {
      const V product = rounded(load<V>(sums) * load<V>(weight_scales));
      const V y = rounded(product * scale) + load<V>(bias);
      return min_of(max_of(y, lo), hi);
    };
    int64_t c = 0;
    for (; c + kLanes <= f.channels; c += kLanes) {
      store(out + c, value(out + c, f.weight_scales + c, f.bias + c));
    }
    if (c == f.channels) continue;
    float sums[kLanes] = {}, scales[kLanes] = {}, bias[kLanes] = {};
    const auto bytes = static_cast<size_t>(f.channels - c) * sizeof(float);
    std::memcpy(sums, out + c, bytes);
    std::memcpy(scales, f.weight_scales + c, bytes);
    std::memcpy(bias, f.bias + c, bytes);
    store(sums, value(sums, scales, bias));
    std::memcpy(out + c, sums, bytes);
  }
}

#define FETTLE_DYNAMIC_I8(name, isa)                                                 \
  {                                                                                  \
    name, isa, find_range, find_ranges, quantize_floats, centre_floats, finish_sums, \
        finish_depthwise_sums                                                        \
  }

}  // namespace
}  // namespace fettle::runtime
