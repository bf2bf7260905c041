// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "device/peak_chains.h"
#include "device/peak_loops.h"

namespace fettle::device {

// Twelve chains: two FMAs a cycle of latency four to five, and sixteen registers.
void peak_f32_avx2(int64_t rounds, void* sink) {
  __m256 a = _mm256_set1_ps(0.5f), b = _mm256_set1_ps(0.25f);
#define FETTLE_ZERO(i) __m256 s##i = _mm256_setzero_ps();
#define FETTLE_STEP(i)                \
  s##i = _mm256_fmadd_ps(a, b, s##i); \
  asm volatile("" : "+x"(s##i));
#define FETTLE_SUM(i) total = _mm256_add_ps(total, s##i);
  FETTLE_CHAINS_12(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+x"(a), "+x"(b));
    FETTLE_CHAINS_12(FETTLE_STEP)
  }
  __m256 total = _mm256_setzero_ps();
  FETTLE_CHAINS_12(FETTLE_SUM)
  _mm256_store_ps(static_cast<float*>(sink), total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

// The empty asm makes every product a new one.
void peak_i16_avx2(int64_t rounds, void* sink) {
  __m256i a = _mm256_set1_epi16(3), b = _mm256_set1_epi16(5);
#define FETTLE_ZERO(i) __m256i s##i = _mm256_setzero_si256();
#define FETTLE_STEP(i)                                    \
  asm volatile("" : "+x"(a));                             \
  s##i = _mm256_add_epi32(s##i, _mm256_madd_epi16(a, b)); \
  asm volatile("" : "+x"(s##i));
#define FETTLE_SUM(i) total = _mm256_add_epi32(total, s##i);
  FETTLE_CHAINS_12(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    FETTLE_CHAINS_12(FETTLE_STEP)
  }
  __m256i total = _mm256_setzero_si256();
  FETTLE_CHAINS_12(FETTLE_SUM)
  _mm256_store_si256(static_cast<__m256i*>(sink), total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

}  // namespace fettle::device
