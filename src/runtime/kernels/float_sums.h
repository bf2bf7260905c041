// SPDX-License-Identifier: Apache-2.0
//
// Codes of sums that began as floats (sum_form.h), 16 at a time, for NEON. The other sums go
// through memory to one function: with those that are large, all of this is little of the work.
//
// Only files named after an instruction set may include this.
#pragma once

#include "runtime/kernels/narrow_i8.h"
#include "runtime/kernels/sum_form.h"

#if defined(__aarch64__)
namespace fettle::runtime {
namespace {

// The low halves of eight integers.
FETTLE_INLINE int16x8_t low_halves(V a, V b) {
#if defined(__ARM_FEATURE_DOTPROD)
  return vuzp1q_s16((int16x8_t)a, (int16x8_t)b);
#else  // cores of this age take three times as long to permute whole vectors
  int16x4_t low = vmovn_s32((int32x4_t)a);
  hold(low);  // or it is permuted all the same
  return vmovn_high_s32(low, (int32x4_t)b);
#endif
}

template <SumForm kForm>
struct FloatSums {
  static constexpr bool kFromZero = kForm == SumForm::from_zero;
  V start, round;
  int16x8_t zero;
  int8x16_t low, high;
  FETTLE_INLINE FloatSums(float lo, float hi, int32_t zero_point)
      : start(splat<V>(0x1.8p23F)),
        round(splat<V>(kFromZero ? 0x1.8p23F - 128 : 0x1.8p23F)),
        zero(vdupq_n_s16(static_cast<int16_t>(zero_point))),
        low(vdupq_n_s8(static_cast<int8_t>(static_cast<int32_t>(lo) + zero_point))),
        high(vdupq_n_s8(static_cast<int8_t>(static_cast<int32_t>(hi) + zero_point))) {}

  FETTLE_INLINE V rounded(VI sum, V multiplier, const float* offset) const {
    V scaled;
    if constexpr (kFromZero) {
      scaled =
          (V)vfmaq_f32((float32x4_t)load<V>(offset), (float32x4_t)sum, (float32x4_t)multiplier);
    } else {
      scaled = ((V)sum - start) * multiplier;
      hold(scaled);  // rounded by itself
    }
    return scaled + round;
  }
  FETTLE_INLINE int16x8_t words(const VI* sums, const V* m, const float* offset) const {
    const int16x8_t both =
        low_halves(rounded(sums[0], m[0], offset), rounded(sums[1], m[1], offset + kLanes));
    return kFromZero ? both : vaddq_s16(both, zero);
  }
  FETTLE_INLINE int8x16_t codes(int16x8_t front, int16x8_t back) const {
    int8x16_t all = vqmovn_high_s16(vqmovn_s16(front), back);
    if constexpr (!kFromZero) all = vmaxq_s8(all, low);
    return vminq_s8(all, high);
  }
  // Of R rows of four vectors, or of two, which are then narrowed with the next row's.
  template <int R, int kRows, int N>
  FETTLE_INLINE void store_rows(int8_t* to, int64_t stride, const VI (&sums)[kRows][N],
                                const V (&m)[N], const float* offset) const {
    static_assert(N == 2 || N == 4);
#pragma GCC unroll 16
    for (int i = 0; i < R; i += 4 / N, to += 4 / N * stride) {
      forget(offset);
      const int16x8_t front = words(sums[i], m, offset);
      forget(offset);
      if constexpr (N == 4) {
        vst1q_s8(to, codes(front, words(sums[i] + 2, m + 2, offset + 2 * kLanes)));
      } else {
        const int16x8_t back = i + 1 < R ? words(sums[i + 1], m, offset) : front;
        const auto both = (int64x2_t)codes(front, back);
        for (int k = 0; k < 2 && i + k < R; ++k) {
          const int64_t row = both[k];
          std::memcpy(to + k * stride, &row, sizeof row);
        }
      }
    }
  }
};

// Where sums and their codes are; width is a multiple of 8, of which `columns` are written.
struct SumRows {
  const int32_t* sums;
  int rows, width, columns;
  const float* multiplier;
  float lo, hi;
  int32_t zero_point;
};
[[maybe_unused]] __attribute__((noinline)) void store_integer_sums(const SumRows& from, int8_t* to,
                                                                   int64_t stride) {
  const NarrowI8 narrow(from.lo, from.hi, from.zero_point);
  for (int i = 0; i < from.rows; ++i, to += stride) {
    for (int j = 0; j < from.columns; j += 2 * kLanes) {
      const int32_t* at = from.sums + i * from.width + j;
      const VI sums[2] = {load_ints(at), load_ints(at + kLanes)};
      const V m[2] = {load<V>(from.multiplier + j), load<V>(from.multiplier + j + kLanes)};
      int8_t codes[2 * kLanes];
      narrow.store(codes, sums, m);
      if (j + 2 * kLanes <= from.columns) {
        std::memcpy(to + j, codes, sizeof codes);
      } else {
        for (int k = 0; k < from.columns - j; ++k) to[j + k] = codes[k];
      }
    }
  }
}

}  // namespace
}  // namespace fettle::runtime
#endif
