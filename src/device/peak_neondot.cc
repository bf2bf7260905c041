// SPDX-License-Identifier: Apache-2.0
#include <arm_neon.h>

#include "device/peak_chains.h"
#include "device/peak_loops.h"

namespace fettle::device {

void peak_i8_neondot(int64_t rounds, void* sink) {
  int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
#define FETTLE_ZERO(i) int32x4_t s##i = vdupq_n_s32(0);
#define FETTLE_STEP(i)          \
  s##i = vdotq_s32(s##i, a, b); \
  asm volatile("" : "+w"(s##i));
#define FETTLE_SUM(i) total = vaddq_s32(total, s##i);
  FETTLE_CHAINS_24(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+w"(a), "+w"(b));
    FETTLE_CHAINS_24(FETTLE_STEP)
  }
  int32x4_t total = vdupq_n_s32(0);
  FETTLE_CHAINS_24(FETTLE_SUM)
  vst1q_s32(static_cast<int32_t*>(sink), total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

}  // namespace fettle::device
