// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "device/peak_chains.h"
#include "device/peak_loops.h"

namespace fettle::device {

void peak_i8_avx512vnni(int64_t rounds, void* sink) {
  __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
#define FETTLE_ZERO(i) __m512i s##i = _mm512_setzero_si512();
#define FETTLE_STEP(i)                    \
  s##i = _mm512_dpbusd_epi32(s##i, a, b); \
  asm volatile("" : "+v"(s##i));
#define FETTLE_SUM(i) total = _mm512_add_epi32(total, s##i);
  FETTLE_CHAINS_24(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+v"(a), "+v"(b));
    FETTLE_CHAINS_24(FETTLE_STEP)
  }
  __m512i total = _mm512_setzero_si512();
  FETTLE_CHAINS_24(FETTLE_SUM)
  _mm512_store_si512(sink, total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

void peak_i16_avx512vnni(int64_t rounds, void* sink) {
  __m512i a = _mm512_set1_epi16(3), b = _mm512_set1_epi16(5);
#define FETTLE_ZERO(i) __m512i s##i = _mm512_setzero_si512();
#define FETTLE_STEP(i)                    \
  s##i = _mm512_dpwssd_epi32(s##i, a, b); \
  asm volatile("" : "+v"(s##i));
#define FETTLE_SUM(i) total = _mm512_add_epi32(total, s##i);
  FETTLE_CHAINS_24(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+v"(a), "+v"(b));
    FETTLE_CHAINS_24(FETTLE_STEP)
  }
  __m512i total = _mm512_setzero_si512();
  FETTLE_CHAINS_24(FETTLE_SUM)
  _mm512_store_si512(sink, total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

}  // namespace fettle::device
