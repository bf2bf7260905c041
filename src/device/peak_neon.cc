// SPDX-License-Identifier: Apache-2.0
#include <arm_neon.h>

#include "device/peak_chains.h"
#include "device/peak_loops.h"

namespace fettle::device {

void peak_f32_neon(int64_t rounds, void* sink) {
  float32x4_t a = vdupq_n_f32(0.5f), b = vdupq_n_f32(0.25f);
#define FETTLE_ZERO(i) float32x4_t s##i = vdupq_n_f32(0);
#define FETTLE_STEP(i)          \
  s##i = vfmaq_f32(s##i, a, b); \
  asm volatile("" : "+w"(s##i));
#define FETTLE_SUM(i) total = vaddq_f32(total, s##i);
  FETTLE_CHAINS_24(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    asm volatile("" : "+w"(a), "+w"(b));
    FETTLE_CHAINS_24(FETTLE_STEP)
  }
  float32x4_t total = vdupq_n_f32(0);
  FETTLE_CHAINS_24(FETTLE_SUM)
  vst1q_f32(static_cast<float*>(sink), total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

// Two products of int8 fit 16 bits where weights keep to [-127, 127]; pairs are then added to 32.
// The empty asm makes every product a new one.
void peak_i8_neon(int64_t rounds, void* sink) {
  int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
#define FETTLE_ZERO(i) int32x4_t s##i = vdupq_n_s32(0);
#define FETTLE_STEP(i)                                                                     \
  asm volatile("" : "+w"(a));                                                              \
  s##i = vpadalq_s16(s##i, vmlal_high_s8(vmull_s8(vget_low_s8(a), vget_low_s8(b)), a, b)); \
  asm volatile("" : "+w"(s##i));
#define FETTLE_SUM(i) total = vaddq_s32(total, s##i);
  FETTLE_CHAINS_12(FETTLE_ZERO)
  for (int64_t r = 0; r < rounds; ++r) {
    FETTLE_CHAINS_12(FETTLE_STEP)
  }
  int32x4_t total = vdupq_n_s32(0);
  FETTLE_CHAINS_12(FETTLE_SUM)
  vst1q_s32(static_cast<int32_t*>(sink), total);
#undef FETTLE_ZERO
#undef FETTLE_STEP
#undef FETTLE_SUM
}

void peak_i16_neon(int64_t rounds, void* sink) {
  int16x8_t a = vdupq_n_s16(3), b = vdupq_n_s16(5);
#define FETTLE_ZERO(i) int32x4_t s##i = vdupq_n_s32(0);
#define FETTLE_STEP(i)               \
  s##i = vmlal_high_s16(s##i, a, b); \
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
