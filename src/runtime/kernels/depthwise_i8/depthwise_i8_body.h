// SPDX-License-Identifier: Apache-2.0
//
// The body of depthwise_i8, for the files of the instruction sets alone: how 8-bit codes are read
// and written, and with dot products of four bytes, multiplied.
#pragma once

#include <cstddef>

#include "runtime/kernels/depthwise_i8/depthwise_i8.h"
#include "runtime/kernels/float_sums.h"
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
constexpr bool kFloatSums = FETTLE_DEPTHWISE_BYTES;

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
constexpr int kBlock = 16, kWeightBytes = 1;
using CodeVector = int8x16_t;
FETTLE_INLINE CodeVector splat_code(int32_t code) { return vdupq_n_s8(static_cast<int8_t>(code)); }
FETTLE_INLINE int8x16_t weights_at(const std::byte* w) {
  return vld1q_s8(reinterpret_cast<const int8_t*>(w));
}
#if defined(__ARM_FEATURE_DOTPROD)
constexpr int kGroup = 4;
constexpr bool kJoinsTaps = false;
struct Group {
  int8x16_t part[4];
};
FETTLE_INLINE Group interleave(const CodeVector (&x)[4]) {
  const auto a = (int16x8_t)vzip1q_s8(x[0], x[1]), b = (int16x8_t)vzip2q_s8(x[0], x[1]);
  const auto c = (int16x8_t)vzip1q_s8(x[2], x[3]), d = (int16x8_t)vzip2q_s8(x[2], x[3]);
  return {{(int8x16_t)vzip1q_s16(a, c), (int8x16_t)vzip2q_s16(a, c), (int8x16_t)vzip1q_s16(b, d),
           (int8x16_t)vzip2q_s16(b, d)}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  return (VI)vdotq_s32((int32x4_t)sum, g.part[part], weights_at(w));
}
#else
constexpr int kGroup = 1;
constexpr bool kJoinsTaps = true;
struct Group {
  CodeVector codes;
};
FETTLE_INLINE Group interleave(const CodeVector (&x)[1]) { return {x[0]}; }
FETTLE_INLINE void add_words(VI& front, VI& back, int16x8_t words) {
  front = (VI)vaddw_s16((int32x4_t)front, vget_low_s16(words));
  back = (VI)vaddw_high_s16((int32x4_t)back, words);
}
// Two parts are made of one product, which the compiler finds to be the same.
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  const int8x16_t v = weights_at(w - part * kLanes);
  VI other{};
  const int16x8_t words =
      part < 2 ? vmull_s8(vget_low_s8(g.codes), vget_low_s8(v)) : vmull_high_s8(g.codes, v);
  if (part % 2 == 0)
    add_words(sum, other, words);
  else
    add_words(other, sum, words);
  return sum;
}
// Two taps at once: 2 * 128 * 127 < 2^15.
FETTLE_INLINE void add_joined(VI (&sums)[4], const Group& a, const std::byte* wa, const Group& b,
                              const std::byte* wb) {
  const int8x16_t v = weights_at(wa), w = weights_at(wb);
  const int16x8_t low = vmull_s8(vget_low_s8(a.codes), vget_low_s8(v));
  add_words(sums[0], sums[1], vmlal_s8(low, vget_low_s8(b.codes), vget_low_s8(w)));
  add_words(sums[2], sums[3], vmlal_high_s8(vmull_high_s8(a.codes, v), b.codes, w));
}
#endif
#endif
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  typedef int8_t Narrow __attribute__((vector_size(kBlock)));
  Narrow codes{};
  if (n >= kBlock) {
    std::memcpy(&codes, p, sizeof codes);
  } else {
    int8_t own[kBlock] = {};
    for (int64_t i = 0; i < n; ++i) own[i] = p[i];
    std::memcpy(&codes, own, sizeof codes);
  }
#if FETTLE_DEPTHWISE_BYTES
  return (CodeVector)codes;
#elif defined(__aarch64__)
  return (CodeVector)vmovl_s8(
      (int8x8_t)codes);  // what GCC makes of the conversion is no vector code
#else
  return __builtin_convertvector(codes, CodeVector);
#endif
}
#if !FETTLE_DEPTHWISE_BYTES
FETTLE_INLINE void store_block(const NarrowI8& narrow, int8_t* to, const VI (&sums)[2],
                               const V (&m)[2], int64_t n) {
  if (n >= kBlock) return narrow.store(to, sums, m);
  int8_t own[kBlock];
  narrow.store(own, sums, m);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#endif
#endif

// Sums of 8-bit codes fit 32 bits: there is one half.
struct Finish {
  const DepthwiseI8Tile& t;
  template <int kColumns, int P>
  FETTLE_INLINE void store(int8_t* out, const VI (&sums)[kColumns][1][P], const V (&m)[P],
                           [[maybe_unused]] const std::byte* block, int64_t n) const {
#if FETTLE_DEPTHWISE_BYTES
    const float* multiplier = reinterpret_cast<const float*>(block) + kBlock;
    const int columns = static_cast<int>(n < kBlock ? n : kBlock);
    if (t.form == SumForm::integer) {
      int32_t own[kColumns][kBlock];
      std::memcpy(own, sums, sizeof own);
      return store_integer_sums(
          {own[0], kColumns, kBlock, columns, multiplier, t.lo, t.hi, t.zero_point}, out,
          t.out_step);
    }
    VI rows[kColumns][P];
    std::memcpy(rows, sums, sizeof rows);
    int8_t own[kColumns][kBlock];
    int8_t* to = n < kBlock ? own[0] : out;
    const int64_t step = n < kBlock ? kBlock : t.out_step;
    const float* offset = multiplier + kBlock;
    if (t.form == SumForm::from_zero) {
      const FloatSums<SumForm::from_zero> codes(t.lo, t.hi, t.zero_point);
      codes.template store_rows<kColumns>(to, step, rows, m, offset);
    } else {
      const FloatSums<SumForm::centred> codes(t.lo, t.hi, t.zero_point);
      codes.template store_rows<kColumns>(to, step, rows, m, offset);
    }
    for (int64_t j = 0; n < kBlock && j < kColumns; ++j) {
      for (int64_t i = 0; i < n; ++i) out[j * t.out_step + i] = own[j][i];
    }
#else
    const NarrowI8 narrow(t.lo, t.hi, t.zero_point);
#pragma GCC unroll 4
    for (int j = 0; j < kColumns; ++j) {
      store_block(narrow, out + j * t.out_step, sums[j][0], m, n);
    }
#endif
  }
};

}  // namespace
}  // namespace fettle::runtime

#include "runtime/kernels/depthwise_i8/depthwise_body.h"
