// SPDX-License-Identifier: Apache-2.0
//
// Curves of lookup_i16, for the files of the instruction sets alone. All arithmetic is in 16 bits:
// every machine has the rounded product and the sum that saturates. Where a register holds 32
// codes, so do the rows of coefficients, and permutations look them up; else a code's coefficients
// are loaded as one word of 64 bits.
#pragma once

#include "runtime/kernels/lookup_i16/lookup_i16.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

#if defined(__AVX512F__)

constexpr int64_t kCurveCodes = 32;

// A row is one coefficient of all entries, 64 in each pair of registers.
template <int kPairs>
struct CurveRows {
  __m512i row[3][2 * kPairs];
  __m128i fraction;

  explicit CurveRows(const int16_t* table) : fraction(_mm_cvtsi32_si128(table[3] & 7)) {
    // Of 2 * 8 entries: coefficients 0 and 1 of each, or 2 and the word that is not used.
    alignas(64) int16_t first[32], last[32];
    for (int16_t i = 0; i < 16; ++i) {
      first[i] = static_cast<int16_t>(4 * i);
      first[16 + i] = static_cast<int16_t>(4 * i + 1);
      last[i] = static_cast<int16_t>(4 * i + 2);
      last[16 + i] = static_cast<int16_t>(4 * i + 3);
    }
    const __m512i pick_first = _mm512_load_si512(first), pick_last = _mm512_load_si512(last);
#pragma GCC unroll 8
    for (int r = 0; r < 2 * kPairs; ++r) {
      __m512i eights[4];
      for (int q = 0; q < 4; ++q) eights[q] = _mm512_loadu_si512(table + r * 128 + q * 32);
      const __m512i a = _mm512_permutex2var_epi16(eights[0], pick_first, eights[1]);
      const __m512i b = _mm512_permutex2var_epi16(eights[2], pick_first, eights[3]);
      const __m512i c = _mm512_permutex2var_epi16(eights[0], pick_last, eights[1]);
      const __m512i d = _mm512_permutex2var_epi16(eights[2], pick_last, eights[3]);
      row[0][r] = _mm512_maskz_shuffle_i64x2(0xff, a, b, 0x44);
      row[1][r] = _mm512_maskz_shuffle_i64x2(0xff, a, b, 0xee);
      row[2][r] = _mm512_maskz_shuffle_i64x2(0xff, c, d, 0x44);
    }
  }

  FETTLE_INLINE __m512i at(int coefficient, __m512i entry) const {
    const __m512i* r = row[coefficient];
    __m512i found[kPairs];
#pragma GCC unroll 4
    for (int p = 0; p < kPairs; ++p) {
      found[p] = _mm512_permutex2var_epi16(r[2 * p], entry, r[2 * p + 1]);
    }
#pragma GCC unroll 2
    for (int half = 1; half < kPairs; half *= 2) {
      const __mmask32 upper =
          _mm512_test_epi16_mask(entry, _mm512_set1_epi16(static_cast<int16_t>(64 * half)));
#pragma GCC unroll 2
      for (int p = 0; p + half < kPairs; p += 2 * half) {
        found[p] = _mm512_mask_blend_epi16(upper, found[p], found[p + half]);
      }
    }
    return found[0];
  }
};

template <int kPairs>
FETTLE_INLINE void curve_at(const int16_t* x, const CurveRows<kPairs>& rows, int16_t* y) {
  constexpr int kShift = kPairs == 1 ? 10 : kPairs == 2 ? 9 : 8;
  const __m512i u = _mm512_xor_si512(_mm512_loadu_si512(x), _mm512_set1_epi16(INT16_MIN));
  const __m512i entry = _mm512_srli_epi16(u, kShift);
  const __m512i f = _mm512_srli_epi16(_mm512_slli_epi16(u, 16 - kShift), 1);
  const __m512i slope =
      _mm512_adds_epi16(rows.at(1, entry), _mm512_mulhrs_epi16(f, rows.at(2, entry)));
  const __m512i rise = _mm512_mulhrs_epi16(_mm512_srl_epi16(f, rows.fraction), slope);
  _mm512_storeu_si512(y, _mm512_adds_epi16(rows.at(0, entry), rise));
}

#elif defined(__AVX2__)

constexpr int64_t kCurveCodes = 8;

FETTLE_INLINE void curve_at(const int16_t* x, const int16_t* table, int shift, int16_t* y) {
  const VI u = load_words(x) + splat_int(32768);
  const __m256i f = (__m256i)((u & splat_int((1 << shift) - 1)) << (15 - shift));
  // Codes 0, 1, 4, 5 and 2, 3, 6, 7, so that the shuffles below put them in order.
  const __m256i entry = _mm256_permute4x64_epi64((__m256i)(u >> shift), 0xd8);
  const auto* words = reinterpret_cast<const long long*>(table);
  const __m256 a =
      _mm256_castsi256_ps(_mm256_i32gather_epi64(words, _mm256_castsi256_si128(entry), 8));
  const __m256 b =
      _mm256_castsi256_ps(_mm256_i32gather_epi64(words, _mm256_extracti128_si256(entry, 1), 8));
  const __m256i c01 = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88));
  const __m256i c2 = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd));
  const __m256i slope = _mm256_adds_epi16(_mm256_srli_epi32(c01, 16), _mm256_mulhrs_epi16(f, c2));
  const __m256i less = _mm256_srl_epi16(f, _mm_cvtsi32_si128(table[3] & 7));
  const VI sum = (VI)_mm256_adds_epi16(c01, _mm256_mulhrs_epi16(less, slope));
  store_codes(y, sum << 16 >> 16);
}

#elif defined(__aarch64__)

constexpr int64_t kCurveCodes = 8;

FETTLE_INLINE void curve_at(const int16_t* x, const int16_t* table, int shift, int16_t* y) {
  const uint16x8_t u = veorq_u16(vreinterpretq_u16_s16(vld1q_s16(x)), vdupq_n_u16(32768));
  const auto left = static_cast<int16_t>(16 - shift);
  const int16x8_t f = vreinterpretq_s16_u16(vshrq_n_u16(vshlq_u16(u, vdupq_n_s16(left)), 1));
  uint16_t entry[8];
  vst1q_u16(entry, vshlq_u16(u, vdupq_n_s16(static_cast<int16_t>(-shift))));
  int16x8x4_t c{};
  c = vld4q_lane_s16(table + 4 * entry[0], c, 0);
  c = vld4q_lane_s16(table + 4 * entry[1], c, 1);
  c = vld4q_lane_s16(table + 4 * entry[2], c, 2);
  c = vld4q_lane_s16(table + 4 * entry[3], c, 3);
  c = vld4q_lane_s16(table + 4 * entry[4], c, 4);
  c = vld4q_lane_s16(table + 4 * entry[5], c, 5);
  c = vld4q_lane_s16(table + 4 * entry[6], c, 6);
  c = vld4q_lane_s16(table + 4 * entry[7], c, 7);
  const int16x8_t slope = vqaddq_s16(c.val[1], vqrdmulhq_s16(f, c.val[2]));
  const int16x8_t less = vshlq_s16(f, vdupq_n_s16(static_cast<int16_t>(-(table[3] & 7))));
  vst1q_s16(y, vqaddq_s16(c.val[0], vqrdmulhq_s16(less, slope)));
}

#else

constexpr int64_t kCurveCodes = kLanes;

FETTLE_INLINE VI held_sum(VI a, VI b) {
  const VI sum = a + b, low = splat_int(INT16_MIN), high = splat_int(INT16_MAX);
  const VI held = sum < low ? low : sum;
  return held > high ? high : held;
}

FETTLE_INLINE void curve_at(const int16_t* x, const int16_t* table, int shift, int16_t* y) {
  const VI u = load_words(x) + splat_int(32768);
  const VI entry = u >> shift, f = (u & splat_int((1 << shift) - 1)) << (15 - shift);
  VI c[3];
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int i = 0; i < 3; ++i) c[i][lane] = table[4 * entry[lane] + i];
  }
  const auto times = [](VI a, VI b) { return (a * b + splat_int(1 << 14)) >> 15; };
  const VI slope = held_sum(c[1], times(f, c[2]));
  store_codes(y, held_sum(c[0], times(f >> (table[3] & 7), slope)));
}

#endif

// Calls at(from, to) for kCurveCodes codes at a time.
template <class At>
FETTLE_INLINE void each_curve(const int16_t* x, int16_t* y, int64_t count, const At& at) {
  int64_t i = 0;
  for (; i + kCurveCodes <= count; i += kCurveCodes) at(x + i, y + i);
  if (i == count) return;
  int16_t from[kCurveCodes] = {}, to[kCurveCodes];
  const auto bytes = static_cast<size_t>(count - i) * sizeof(int16_t);
  std::memcpy(from, x + i, bytes);
  at(from, to);
  std::memcpy(y + i, to, bytes);
}

#if defined(__AVX512F__)
template <int kPairs>
void look_up_rows(const int16_t* x, const int16_t* table, int16_t* y, int64_t count) {
  const CurveRows<kPairs> rows(table);
  each_curve(
      x, y, count, [&](const int16_t* from, int16_t* to) __attribute__((always_inline)) {
        curve_at(from, rows, to);
      });
}
void look_up_curves(const int16_t* x, const int16_t* table, int shift, int16_t* y, int64_t count) {
  if (shift == 10) return look_up_rows<1>(x, table, y, count);
  if (shift == 9) return look_up_rows<2>(x, table, y, count);
  look_up_rows<4>(x, table, y, count);
}
#else
void look_up_curves(const int16_t* x, const int16_t* table, int shift, int16_t* y, int64_t count) {
  each_curve(x, y, count,
             [&](const int16_t* from, int16_t* to) { curve_at(from, table, shift, to); });
}
#endif

}  // namespace
}  // namespace fettle::runtime
