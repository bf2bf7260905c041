// SPDX-License-Identifier: Apache-2.0
//
// Straight lines of lookup_i16, for the files of the instruction sets alone. Two neighbouring
// entries are read as one word of 32 bits; weights of the same form make them a sum of two
// products.
#pragma once

#include "runtime/kernels/lookup_i16/lookup_i16.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// Entries i and i + 1 in the low and the high half of each lane.
FETTLE_INLINE VI gather_pairs(const int16_t* table, VI i) {
#if defined(__AVX512F__)
  return (VI)_mm512_mask_i32gather_epi32(_mm512_setzero_si512(), 0xffff, (__m512i)i, table, 2);
#elif defined(__AVX2__)
  return (VI)_mm256_i32gather_epi32(reinterpret_cast<const int*>(table), (__m256i)i, 2);
#else
  VI pairs;
  for (int lane = 0; lane < kLanes; ++lane) {
    int32_t pair;
    std::memcpy(&pair, table + i[lane], sizeof pair);
    pairs[lane] = pair;
  }
  return pairs;
#endif
}

// low half * low half + high half * high half
FETTLE_INLINE VI multiply_pairs(VI a, VI b) {
#if defined(__AVX512F__)
  return (VI)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (VI)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
  return (a << 16 >> 16) * (b << 16 >> 16) + (a >> 16) * (b >> 16);
#endif
}

FETTLE_INLINE void line_at(const int16_t* x, const int16_t* table, int shift, int16_t* y) {
  const int32_t step = int32_t{1} << shift;
  const VI u = load_words(x) + splat_int(32768);
  const VI f = u & splat_int(step - 1);
  const VI weights = (f << 16) | (splat_int(step) - f);
  const VI sum = multiply_pairs(gather_pairs(table, u >> shift), weights);
  store_codes(y, (sum + splat_int(step / 2)) >> shift);
}

void look_up_lines(const int16_t* x, const int16_t* table, int shift, int16_t* y, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) line_at(x + i, table, shift, y + i);
  if (i == count) return;
  int16_t from[kLanes] = {}, to[kLanes];
  const auto bytes = static_cast<size_t>(count - i) * sizeof(int16_t);
  std::memcpy(from, x + i, bytes);
  line_at(from, table, shift, to);
  std::memcpy(y + i, to, bytes);
}

}  // namespace
}  // namespace fettle::runtime
