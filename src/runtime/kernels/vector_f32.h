// SPDX-License-Identifier: Apache-2.0
//
// Float vectors as wide as the flags of the including file allow: the one place where the float
// micro-kernels, written once, meet an instruction set. Arithmetic is GCC's vector extension.
// On 32-bit Arm, where no file is named after NEON, the portable ones get it (isa_flags.cmake).
//
// Only files named after an instruction set may include this: all of it has internal linkage, so
// that no code compiled for a newer machine is ever shared with an older one.
#pragma once

#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace fettle::runtime {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

#define FETTLE_INLINE inline __attribute__((always_inline))

template <int kCount>
struct VectorOf {
  typedef float Type __attribute__((vector_size(kCount * 4)));
  typedef float Loose __attribute__((vector_size(kCount * 4), aligned(4), may_alias));
  typedef int32_t Ints __attribute__((vector_size(kCount * 4)));
};
using V = VectorOf<kLanes>::Type;
using VI = VectorOf<kLanes>::Ints;
constexpr int kHalfLanes = kLanes / 2;
using H = VectorOf<kHalfLanes>::Type;

// T is V, H or float.
template <class T>
FETTLE_INLINE T load(const float* p) {
  if constexpr (sizeof(T) == 4)
    return *p;
  else
    return *reinterpret_cast<const typename VectorOf<sizeof(T) / 4>::Loose*>(p);
}
template <class T>
FETTLE_INLINE void store(float* p, T v) {
  if constexpr (sizeof(T) == 4)
    *p = v;
  else
    *reinterpret_cast<typename VectorOf<sizeof(T) / 4>::Loose*>(p) = v;
}
template <class T>
FETTLE_INLINE T splat(float x) {
  return x - T{};
}

// Keeps a loaded vector in its register: without it the compiler folds the load into each of its
// uses, and the loads, not the multiply-adds, become the bound.
template <class T>
FETTLE_INLINE void hold(T& v) {
#if defined(__AVX512F__)
  asm("" : "+v"(v));
#elif defined(__x86_64__)
  if constexpr (sizeof(T) != 8) asm("" : "+x"(v));  // clang has no register for half a vector
#elif defined(__ARM_NEON)
  asm("" : "+w"(v));
#else
  (void)v;
#endif
}

// What is loaded by way of this pointer from here on is loaded anew: a load costs no vector
// instruction, as it does to copy what a register has.
template <class T>
FETTLE_INLINE void forget([[maybe_unused]] const T*& p) {
#if defined(__aarch64__)
  asm("" : "+r"(p));
#endif
}

// As the machine has it: where either is not a number, the second operand, on Arm no number.
template <class T>
FETTLE_INLINE T max_of(T a, T b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 64) return (T)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b);
#endif
#if defined(__AVX2__)
  if constexpr (sizeof(T) == 32) return (T)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__ARM_NEON)
  if constexpr (sizeof(T) == 16) return (T)vmaxq_f32((float32x4_t)a, (float32x4_t)b);
#endif
  return a > b ? a : b;
}
template <class T>
FETTLE_INLINE T min_of(T a, T b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 64) return (T)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b);
#endif
#if defined(__AVX2__)
  if constexpr (sizeof(T) == 32) return (T)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__ARM_NEON)
  if constexpr (sizeof(T) == 16) return (T)vminq_f32((float32x4_t)a, (float32x4_t)b);
#endif
  return a < b ? a : b;
}

// To the nearest integer, for |x| < 2^22.
FETTLE_INLINE V round_of(V x) {
#if defined(__AVX512F__)
  return (V)_mm512_maskz_roundscale_ps(0xffff, (__m512)x, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__AVX2__)
  return (V)_mm256_round_ps((__m256)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__aarch64__)
  return (V)vrndnq_f32((float32x4_t)x);
#else
  const V magic = splat<V>(12582912.0F);  // 1.5 * 2^23: the sum has no fraction
  return (x + magic) - magic;
#endif
}

// x * 2^n for integers n of at most 126 either way.
FETTLE_INLINE V scale_of(V x, V n) {
#if defined(__AVX512F__)
  return (V)_mm512_maskz_scalef_ps(0xffff, (__m512)x, (__m512)n);
#else
  return x * (V)((__builtin_convertvector(n, VI) + 127) << 23);
#endif
}

// 1 / x for x in [1, 2^127].
FETTLE_INLINE V inverse_of(V x) {
#if defined(__AVX512F__)
  const V r = (V)_mm512_maskz_rcp14_ps(0xffff, (__m512)x);
  return r + r * (1.0F - x * r);
#elif defined(__ARM_NEON) && !defined(__aarch64__)  // divides no vectors
  const float32x4_t d = (float32x4_t)x;
  float32x4_t r = vrecpeq_f32(d);
  r = vmulq_f32(r, vrecpsq_f32(d, r));
  return (V)vmulq_f32(r, vrecpsq_f32(d, r));
#else
  return 1.0F / x;
#endif
}

}  // namespace
}  // namespace fettle::runtime
