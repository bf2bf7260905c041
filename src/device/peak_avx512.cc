// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "device/peak_chains.h"
#include "device/peak_loops.h"

namespace fettle::device {

void peak_f32_avx512(int64_t rounds, void* sink) {
  __m512 a = _mm512_set1_ps(0.5f), b = _mm512_set1_ps(0.25f);
#define FETTLE_ZERO(i) __m512 s##i = _mm512_setzero_ps();
#define FETTLE_STEP(i)                \
  s##i = _mm512_fmadd_ps(a, b, s##i); \
  asm volatile("" : "+v"(s##i));
#define FETTLE_SUM(i) total = _mm512_add_ps(total, s##i);
  FETTLE_CHAINS_24(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+v"(a), "+v"(b));
    FETTLE_CHAINS_24(FETTLE_STEP)
  }
  __m512 total = _mm512_setzero_ps();
  FETTLE_CHAINS_24(FETTLE_SUM)
  _mm512_store_ps(sink, total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

// The empty asm makes every product a new one.
void peak_i16_avx512(int64_t rounds, void* sink) {
  __m512i a = _mm512_set1_epi16(3), b = _mm512_set1_epi16(5);
#define FETTLE_ZERO(i) __m512i s##i = _mm512_setzero_si512();
#define FETTLE_STEP(i)                                    \
  asm volatile("" : "+v"(a));                             \
  s##i = _mm512_add_epi32(s##i, _mm512_madd_epi16(a, b)); \
  asm volatile("" : "+v"(s##i));
#define FETTLE_SUM(i) total = _mm512_add_epi32(total, s##i);
  FETTLE_CHAINS_12(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    FETTLE_CHAINS_12(FETTLE_STEP)
  }
  __m512i total = _mm512_setzero_si512();
  FETTLE_CHAINS_12(FETTLE_SUM)
  _mm512_store_si512(sink, total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

}  // namespace fettle::device
