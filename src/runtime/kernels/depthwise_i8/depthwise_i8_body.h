// SPDX-License-Identifier: Apache-2.0
//
// The body of depthwise_i8, for the files of the instruction sets alone: how 8-bit codes are read
// and written, and with dot products of four bytes, multiplied.
#pragma once

#include <cstddef>

#include "runtime/kernels/depthwise_i8/depthwise_i8.h"
#include "runtime/kernels/narrow_i8.h"
// FETTLE_DEPTHWISE_BYTES: NEON is to multiply bytes; it takes words where weights have zero points.
#if !defined(FETTLE_DEPTHWISE_BYTES)
#define FETTLE_DEPTHWISE_BYTES 0
#endif
#if !defined(__AVX512VNNI__) && !FETTLE_DEPTHWISE_BYTES
#include "runtime/kernels/depthwise_i8/depthwise_words.h"
#endif

namespace fettle::runtime {
namespace {

using Code = int8_t;

// load_codes(p, n) reads the first n codes at p (all of a block where n is at least kBlock).
#if defined(__AVX512VNNI__)
constexpr int kBlock = 64, kGroup = 4, kWeightBytes = 1, kFlip = 128;
constexpr bool kJoinsTaps = false;
using CodeVector = __m512i;
struct Group {
  __m512i part[4];
};
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  const __mmask64 mask = n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  return _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, p), _mm512_set1_epi8(-128));
}
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return _mm512_set1_epi8(static_cast<char>(code ^ 0x80));
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[4]) {
  const __m512i a = _mm512_unpacklo_epi8(x[0], x[1]), b = _mm512_unpackhi_epi8(x[0], x[1]);
  const __m512i c = _mm512_unpacklo_epi8(x[2], x[3]), d = _mm512_unpackhi_epi8(x[2], x[3]);
  return {{_mm512_unpacklo_epi16(a, c), _mm512_unpackhi_epi16(a, c), _mm512_unpacklo_epi16(b, d),
           _mm512_unpackhi_epi16(b, d)}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  return (VI)_mm512_dpbusd_epi32((__m512i)sum, g.part[part], _mm512_loadu_si512(w));
}
FETTLE_INLINE void store_block(const NarrowI8& narrow, int8_t* to, const VI (&sums)[4],
                               const V (&m)[4], int64_t n) {
  const __m512i codes = narrow.interleaved(sums, m);
  if (n >= 64) {  // a masked store takes longer
    _mm512_storeu_si512(to, codes);
  } else {
    _mm512_mask_storeu_epi8(to, (uint64_t{1} << n) - 1, codes);
  }
}
#elif defined(__AVX512F__)
constexpr int kFlip = 0;
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask_of(n), p));
}
FETTLE_INLINE void store_block(const NarrowI8& narrow, int8_t* to, const VI (&sums)[2],
                               const V (&m)[2], int64_t n) {
  const __m512i words = narrow.words(scale_sum(sums[0], m[0]), scale_sum(sums[1], m[1]));
  const __m256i codes = _mm512_maskz_cvtsepi16_epi8(~uint32_t{0}, words);
  _mm256_mask_storeu_epi8(to, mask_of(n),
                          _mm512_castsi512_si256(narrow.clamp(_mm512_castsi256_si512(codes))));
}
#elif defined(__AVX2__)
constexpr int kFlip = 0;
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  if (n >= kBlock) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  alignas(16) int8_t own[kBlock] = {};
  for (int64_t i = 0; i < n; ++i) own[i] = p[i];
  return _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(own)));
}
FETTLE_INLINE void store_block(const NarrowI8& narrow, int8_t* to, const VI (&sums)[2],
                               const V (&m)[2], int64_t n) {
  VI v[2];
#pragma GCC unroll 2
  for (int q = 0; q < 2; ++q) v[q] = quantize(sums[q], m[q], narrow.lo, narrow.hi, narrow.zero);
  const __m256i words = _mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]);
  const __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  if (n >= kBlock) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    return;
  }
  alignas(16) int8_t own[kBlock];
  _mm_store_si128(reinterpret_cast<__m128i*>(own), bytes);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#else
constexpr int kFlip = 0;
#if FETTLE_DEPTHWISE_BYTES
constexpr int kBlock = 8, kGroup = 1, kWeightBytes = 1;
constexpr bool kJoinsTaps = true;
using CodeVector = int8x8_t;
struct Group {
  CodeVector codes;
};
FETTLE_INLINE CodeVector splat_code(int32_t code) { return vdup_n_s8(static_cast<int8_t>(code)); }
FETTLE_INLINE Group interleave(const CodeVector (&x)[1]) { return {x[0]}; }
FETTLE_INLINE int8x8_t weights_at(const std::byte* w) {
  return vld1_s8(reinterpret_cast<const int8_t*>(w));
}
// Both parts are made of one product, which the compiler finds to be the same.
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  const int16x8_t product = vmull_s8(g.codes, weights_at(w - part * kLanes));
  return part == 0 ? (VI)vaddw_s16((int32x4_t)sum, vget_low_s16(product))
                   : (VI)vaddw_high_s16((int32x4_t)sum, product);
}
// Two taps at once: 2 * 128 * 127 < 2^15.
FETTLE_INLINE void add_joined(VI (&sums)[2], const Group& a, const std::byte* wa, const Group& b,
                              const std::byte* wb) {
  const int16x8_t product = vmlal_s8(vmull_s8(a.codes, weights_at(wa)), b.codes, weights_at(wb));
  sums[0] = (VI)vaddw_s16((int32x4_t)sums[0], vget_low_s16(product));
  sums[1] = (VI)vaddw_high_s16((int32x4_t)sums[1], product);
}
#endif
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  typedef int8_t Narrow __attribute__((vector_size(8)));
  Narrow codes{};
  if (n >= kBlock) {
    std::memcpy(&codes, p, sizeof codes);
  } else {
    int8_t own[kBlock] = {};
    for (int64_t i = 0; i < n; ++i) own[i] = p[i];
    std::memcpy(&codes, own, sizeof codes);
  }
#if FETTLE_DEPTHWISE_BYTES
  return (int8x8_t)codes;
#elif defined(__aarch64__)
  return (CodeVector)vmovl_s8(
      (int8x8_t)codes);  // what GCC makes of the conversion is no vector code
#else
  return __builtin_convertvector(codes, CodeVector);
#endif
}
FETTLE_INLINE void store_block(const NarrowI8& narrow, int8_t* to, const VI (&sums)[2],
                               const V (&m)[2], int64_t n) {
  if (n >= kBlock) return narrow.store(to, sums, m);
  int8_t own[kBlock];
  narrow.store(own, sums, m);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#endif

// Sums of 8-bit codes fit 32 bits: there is one half.
struct Finish {
  NarrowI8 narrow;
  FETTLE_INLINE explicit Finish(const DepthwiseI8Tile& t) : narrow(t.lo, t.hi, t.zero_point) {}
  template <int P>
  FETTLE_INLINE void store(int8_t* to, const VI (&sums)[1][P], const V (&m)[P], const std::byte*,
                           int64_t n) const {
    store_block(narrow, to, sums[0], m, n);
  }
};

}  // namespace
}  // namespace fettle::runtime

#include "runtime/kernels/depthwise_i8/depthwise_body.h"
