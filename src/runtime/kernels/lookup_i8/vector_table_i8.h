// SPDX-License-Identifier: Apache-2.0
//
// A table of 256 codes in registers, and a vector of codes looked up in it: what lookup_i8 and the
// kernels with a fused table are made of.
//
//   avx512vbmi  two permutations of 128 bytes each, by sign
//   avx512      sixteen shuffles of 16 bytes, each under the mask of its high nibble
//   avx2        sixteen shuffles of 16 bytes, whose differences add up by exclusive or: shuffle h
//               counts where the index is at least 16 h, and gives 0 where less 16 h it is negative
//   neon        four shuffles of 64 bytes; an index out of a shuffle's range leaves what is there
//
// Only files named after an instruction set may include this: all of it has internal linkage.
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

#if defined(__AVX512F__)
using TableCodes = __m512i;
#elif defined(__AVX2__)
using TableCodes = __m256i;
#elif defined(__aarch64__)
using TableCodes = int8x16_t;
#else
struct TableCodes {
  int8_t code[16];
};
#endif
constexpr int kTableLanes = static_cast<int>(sizeof(TableCodes));

#if defined(__AVX512VBMI__)
struct VectorTable {
  __m512i part[4];
  explicit FETTLE_INLINE VectorTable(const int8_t* table) {
    for (int i = 0; i < 4; ++i) part[i] = _mm512_loadu_si512(table + 64 * i);
  }
  FETTLE_INLINE TableCodes operator()(TableCodes x) const {
    const __m512i below = _mm512_permutex2var_epi8(part[0], x, part[1]);
    const __m512i above = _mm512_permutex2var_epi8(part[2], x, part[3]);
    return _mm512_mask_mov_epi8(above, _mm512_movepi8_mask(x), below);
  }
};
#elif defined(__AVX512F__)
struct VectorTable {
  const int8_t* table;
  explicit FETTLE_INLINE VectorTable(const int8_t* t) : table(t) {}
  FETTLE_INLINE TableCodes operator()(TableCodes x) const {
    const __m512i index = _mm512_xor_si512(x, _mm512_set1_epi8(-128));
    const __m512i low = _mm512_and_si512(index, _mm512_set1_epi8(0x0f));
    const __m512i high = _mm512_and_si512(index, _mm512_set1_epi8(-16));
    __m512i y = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (int h = 0; h < 16; ++h) {
      const __m512i sixteen = _mm512_maskz_broadcast_i32x4(
          0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * h)));
      const __mmask64 mine =
          _mm512_cmpeq_epi8_mask(high, _mm512_set1_epi8(static_cast<char>(h * 16)));
      y = _mm512_mask_shuffle_epi8(y, mine, sixteen, low);
    }
    return y;
  }
};
#elif defined(__AVX2__)
struct VectorTable {
  __m256i part[16];  // within the halves of the table, part h is h's sixteen xor h - 1's
  explicit FETTLE_INLINE VectorTable(const int8_t* table) {
    for (int h = 0; h < 16; ++h) {
      __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * h));
      if (h % 8 != 0) {
        const auto* last = reinterpret_cast<const __m128i*>(table + 16 * h - 16);
        sixteen = _mm_xor_si128(sixteen, _mm_loadu_si128(last));
      }
      part[h] = _mm256_broadcastsi128_si256(sixteen);
    }
  }
  // Of the codes that are not negative; the others give 0. `first` is the half's first part.
  FETTLE_INLINE __m256i half(__m256i x, int first) const {
    __m256i y = _mm256_shuffle_epi8(part[first], x);
#pragma GCC unroll 8
    for (int h = 1; h < 8; ++h) {
      x = _mm256_subs_epi8(x, _mm256_set1_epi8(16));
      y = _mm256_xor_si256(y, _mm256_shuffle_epi8(part[first + h], x));
    }
    return y;
  }
  FETTLE_INLINE TableCodes operator()(TableCodes x) const {
    const __m256i flipped = _mm256_xor_si256(x, _mm256_set1_epi8(-128));
    return _mm256_or_si256(half(flipped, 0), half(x, 8));
  }
};
#elif defined(__aarch64__)
struct VectorTable {
  int8x16x4_t part[4];
  explicit FETTLE_INLINE VectorTable(const int8_t* table) {
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) part[i].val[j] = vld1q_s8(table + 64 * i + 16 * j);
    }
  }
  FETTLE_INLINE TableCodes operator()(TableCodes x) const {
    uint8x16_t index = veorq_u8(vreinterpretq_u8_s8(x), vdupq_n_u8(0x80));
    int8x16_t y = vqtbl4q_s8(part[0], index);
    for (int i = 1; i < 4; ++i) {
      index = vsubq_u8(index, vdupq_n_u8(64));
      y = vqtbx4q_s8(y, part[i], index);
    }
    return y;
  }
};
#else
struct VectorTable {
  const int8_t* table;
  explicit FETTLE_INLINE VectorTable(const int8_t* t) : table(t + 128) {}
  FETTLE_INLINE TableCodes operator()(TableCodes x) const {
    for (int8_t& code : x.code) code = table[code];
    return x;
  }
};
#endif

}  // namespace
}  // namespace fettle::runtime
