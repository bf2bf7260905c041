// SPDX-License-Identifier: Apache-2.0
//
// Depthwise products of 16-bit elements, for the files of the instruction sets alone. Group: the
// elements of a group of rows at one column of a block, interleaved into vectors as products take
// them.
#pragma once

#include <cstddef>

#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

constexpr int kWeightBytes = 2;
constexpr bool kJoinsTaps = false;
#if defined(__AVX512F__)
constexpr int kBlock = 32, kGroup = 2;
using CodeVector = __m512i;
struct Group {
  __m512i part[2];
};
FETTLE_INLINE __mmask32 mask_of(int64_t n) {
  return n >= 32 ? ~uint32_t{0} : (uint32_t{1} << n) - 1;
}
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return _mm512_set1_epi16(static_cast<int16_t>(code));
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[2]) {
  return {{_mm512_unpacklo_epi16(x[0], x[1]), _mm512_unpackhi_epi16(x[0], x[1])}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
#if defined(__AVX512VNNI__)
  return (VI)_mm512_dpwssd_epi32((__m512i)sum, g.part[part], _mm512_loadu_si512(w));
#else
  return (VI)_mm512_add_epi32((__m512i)sum, _mm512_madd_epi16(g.part[part], _mm512_loadu_si512(w)));
#endif
}
#elif defined(__AVX2__)
constexpr int kBlock = 16, kGroup = 2;
using CodeVector = __m256i;
struct Group {
  __m256i part[2];
};
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return _mm256_set1_epi16(static_cast<int16_t>(code));
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[2]) {
  return {{_mm256_unpacklo_epi16(x[0], x[1]), _mm256_unpackhi_epi16(x[0], x[1])}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
  return (VI)_mm256_add_epi32((__m256i)sum, _mm256_madd_epi16(g.part[part], v));
}
#else
constexpr int kBlock = 8, kGroup = 1;
typedef int16_t CodeVector __attribute__((vector_size(16)));
struct Group {
  CodeVector codes;
};
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return CodeVector{} + static_cast<int16_t>(code);
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[1]) { return {x[0]}; }
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
#if defined(__aarch64__)
  const auto x = (int16x8_t)g.codes;
  const int16x8_t v = vld1q_s16(reinterpret_cast<const int16_t*>(w) - part * kLanes);
  return part == 0 ? (VI)vmlal_s16((int32x4_t)sum, vget_low_s16(x), vget_low_s16(v))
                   : (VI)vmlal_high_s16((int32x4_t)sum, x, v);
#else
  typedef int16_t Half __attribute__((vector_size(8)));
  Half x, v;
  std::memcpy(&x, reinterpret_cast<const char*>(&g.codes) + part * sizeof x, sizeof x);
  std::memcpy(&v, w, sizeof v);
  return sum + __builtin_convertvector(x, VI) * __builtin_convertvector(v, VI);
#endif
}
#endif

}  // namespace
}  // namespace fettle::runtime
