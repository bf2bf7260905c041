// SPDX-License-Identifier: Apache-2.0
//
// The body of depthwise_i16, for the files of the instruction sets alone: how 16-bit codes are read
// and written.
#pragma once

#include "runtime/kernels/depthwise_i8/depthwise_i8.h"
#include "runtime/kernels/depthwise_i8/depthwise_words.h"
#include "runtime/kernels/narrow_i16.h"

namespace fettle::runtime {
namespace {

using Code = int16_t;
constexpr int kFlip = 0;
constexpr bool kFloatSums = false;

#if defined(__AVX512F__)
FETTLE_INLINE CodeVector load_codes(const int16_t* p, int64_t n) {
  return _mm512_maskz_loadu_epi16(mask_of(n), p);
}
FETTLE_INLINE void store_block(int16_t* to, const NarrowI16& narrow, const V (&v)[2], int64_t n) {
  const __m512i words = narrow.interleaved(v[0], v[1]);
  if (n >= kBlock) {
    _mm512_storeu_si512(to, words);
  } else {
    _mm512_mask_storeu_epi16(to, mask_of(n), words);
  }
}
#elif defined(__AVX2__)
FETTLE_INLINE CodeVector load_codes(const int16_t* p, int64_t n) {
  if (n >= kBlock) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  alignas(32) int16_t own[kBlock] = {};
  for (int64_t i = 0; i < n; ++i) own[i] = p[i];
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(own));
}
FETTLE_INLINE void store_block(int16_t* to, const NarrowI16& narrow, const V (&v)[2], int64_t n) {
  const __m256i words = narrow.interleaved(v[0], v[1]);
  if (n >= kBlock) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words);
    return;
  }
  alignas(32) int16_t own[kBlock];
  _mm256_store_si256(reinterpret_cast<__m256i*>(own), words);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#else
FETTLE_INLINE CodeVector load_codes(const int16_t* p, int64_t n) {
  CodeVector codes{};
  if (n >= kBlock) {
    std::memcpy(&codes, p, sizeof codes);
    return codes;
  }
  int16_t own[kBlock] = {};
  for (int64_t i = 0; i < n; ++i) own[i] = p[i];
  std::memcpy(&codes, own, sizeof codes);
  return codes;
}
FETTLE_INLINE void store_block(int16_t* to, const NarrowI16& narrow, const V (&v)[2], int64_t n) {
  if (n >= kBlock) {
    narrow.store(to, v);
    return;
  }
  int16_t own[kBlock];
  narrow.store(own, v);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#endif

struct Finish {
  const DepthwiseI8Tile& t;
  template <int kColumns, int kHalves, int P>
  FETTLE_INLINE void store(int16_t* out, const VI (&sums)[kColumns][kHalves][P], const V (&m)[P],
                           const std::byte* block, int64_t n) const {
    const NarrowI16 narrow(t.lo, t.hi);
#pragma GCC unroll 4
    for (int j = 0; j < kColumns; ++j) {
      store_column(narrow, out + j * t.out_step, sums[j], m, block, n);
    }
  }
  template <int kHalves, int P>
  FETTLE_INLINE static void store_column(const NarrowI16& narrow, int16_t* to,
                                         const VI (&sums)[kHalves][P], const V (&m)[P],
                                         const std::byte* block, int64_t n) {
    static_assert(P == 2);
    V scaled[P];
#pragma GCC unroll 4
    for (int q = 0; q < P; ++q) {
      if constexpr (kHalves == 1) {
        scaled[q] = floats_of(sums[0][q]) * m[q];
      } else {
        const auto* base = reinterpret_cast<const double*>(block + 8 * kBlock) + q * kLanes;
        const WideSum sum =
            WideSum::load(base) + WideSum::of(sums[0][q]) + WideSum::of(sums[1][q]) * 256.0;
        scaled[q] = sum.floats() * m[q];
      }
    }
    store_block(to, narrow, scaled, n);
  }
};

}  // namespace
}  // namespace fettle::runtime

#include "runtime/kernels/depthwise_i8/depthwise_body.h"
