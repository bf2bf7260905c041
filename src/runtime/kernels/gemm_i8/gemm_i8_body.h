// SPDX-License-Identifier: Apache-2.0
//
// The body of gemm_i8's tiles, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/float_sums.h"
#include "runtime/kernels/gemm_i8/bytes.h"
#include "runtime/kernels/gemm_i8/gemm_i8.h"
#include "runtime/kernels/gemm_i8/gemm_steps.h"
#include "runtime/kernels/move/copy_rows.h"
#include "runtime/kernels/narrow_i8.h"

namespace fettle::runtime {
namespace {

#if FETTLE_BYTES
using Product = Bytes;
constexpr int kFlip = Bytes::kFlip;
#else
// Of codes that were widened. FETTLE_NARROW_WEIGHTS: weights stay as they are.
#if defined(FETTLE_NARROW_WEIGHTS)
using Product = NarrowWords;
#else
using Product = Words;
#endif
constexpr int kFlip = 0;
#endif

template <class P, int R, int NV>
FETTLE_INLINE void reorder_pairs([[maybe_unused]] VI (&acc)[R][NV]) {
  if constexpr (P::kRowPairs) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i += 2) {
#pragma GCC unroll 16
      for (int j = 0; j < NV; ++j) P::reorder(acc[i][j], acc[i + 1][j]);
    }
  }
}

// The codes of a tile's rows, whose sums are there.
template <int R, int kRows, int NV>
FETTLE_INLINE void store_tile(const GemmI8Tile& t, const float* multiplier,
                              const VI (&acc)[kRows][NV]) {
  constexpr int kWidth = NV * kLanes;
  V m[NV];
#pragma GCC unroll 16
  for (int j = 0; j < NV; ++j) m[j] = load<V>(multiplier + j * kLanes);
  int8_t own[R][kWidth];
  auto* out = static_cast<int8_t*>(t.out);
#if defined(__aarch64__)
  const bool whole = t.columns == kWidth;
  int8_t* to = whole ? out : own[0];
  const int64_t stride = whole ? t.out_stride : kWidth;
  if (t.form == SumForm::from_zero) {
    const FloatSums<SumForm::from_zero> codes(t.lo, t.hi, t.zero_point);
    codes.template store_rows<R>(to, stride, acc, m, t.offset);
  } else {
    const FloatSums<SumForm::centred> codes(t.lo, t.hi, t.zero_point);
    codes.template store_rows<R>(to, stride, acc, m, t.offset);
  }
  if (whole) return;
#else
  const NarrowI8 narrow(t.lo, t.hi, t.zero_point);
  if (t.columns == kWidth) return store_rows<R>(narrow, out, t.out_stride, acc, m);
  store_rows<R>(narrow, own[0], kWidth, acc, m);
#endif
  copy_rows(own, kWidth, out, t.out_stride, R, t.columns);
}

template <int R, int NV>
FETTLE_INLINE void store_sums(int32_t* out, int64_t stride, const VI (&acc)[R][NV], int rows) {
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i, out += stride) {
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) std::memcpy(out + j * kLanes, &acc[i][j], sizeof acc[i][j]);
  }
}

template <int R, int NV>
void gemm_i8_tile(const GemmI8Tile& t) {
  constexpr int kWidth = NV * kLanes;
  const auto* multiplier = reinterpret_cast<const float*>(t.panel) + kWidth;
  const int32_t* factor = reinterpret_cast<const int32_t*>(t.panel) + 2 * kWidth;
  const std::byte* panel = t.panel + 12 * kWidth;
  constexpr int kRows =
      Product::kRowPairs ? (R + 1) / 2 * 2 : R;  // an odd last row is its own pair
  VI acc[kRows][NV];
  const int32_t* initial = t.initial;
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
    forget(initial);
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) acc[i][j] = load_ints(initial + j * kLanes);
  }
  if (t.row_sums != nullptr) {
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) {
      const VI f = load_ints(factor + j * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) acc[i][j] += f * splat_int(t.row_sums[i]);
    }
  }
  reorder_pairs<Product>(acc);
  const std::byte* const* rows = t.rows;
  Ahead ahead = t.ahead;
  uint64_t left_out = t.left_out;
  for (int64_t tap = 0; tap < t.taps; ++tap, rows += t.row_step, left_out >>= 1) {
    if ((left_out & 1) != 0) {
      panel += (t.depth + Product::kGroup - 1) / Product::kGroup * NV * kWeightBytes<Product>;
      continue;
    }
    const std::byte* a[kRows];
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) a[i] = rows[i < R ? i : R - 1];
    panel = add_elements<Product, kRows, NV>(acc, a, t.depth, panel, ahead, !t.has_lowest);
  }
  reorder_pairs<Product>(acc);
  if (t.sums) return store_sums(static_cast<int32_t*>(t.out), t.out_stride, acc, R);
#if defined(__aarch64__)
  if (t.form == SumForm::integer) {
    int32_t sums[R][kWidth];
    store_sums(sums[0], kWidth, acc, R);
    return store_integer_sums({sums[0], R, kWidth, t.columns, multiplier, t.lo, t.hi, t.zero_point},
                              static_cast<int8_t*>(t.out), t.out_stride);
  }
#endif
  store_tile<R>(t, multiplier, acc);
}

#if FETTLE_BYTES
int32_t row_sum_of(const int8_t* x, int64_t n) {
  int32_t sum = 0;
  int64_t i = 0;
#if defined(__AVX512VNNI__)
  __m512i wide = _mm512_setzero_si512();
  for (; i < n; i += 64) {
    const __mmask64 mask = n - i >= 64 ? ~uint64_t{0} : (uint64_t{1} << (n - i)) - 1;
    wide = _mm512_dpbusd_epi32(wide, _mm512_set1_epi8(1), _mm512_maskz_loadu_epi8(mask, x + i));
  }
  const VI lanes = (VI)wide;
  for (int j = 0; j < kLanes; ++j) sum += lanes[j];
#else
  int32x4_t wide = vdupq_n_s32(0);
  for (; i + 16 <= n; i += 16) wide = vpadalq_s16(wide, vpaddlq_s8(vld1q_s8(x + i)));
  sum = vaddvq_s32(wide);
#endif
  for (; i < n; ++i) sum += x[i];
  return sum;
}
#define FETTLE_WIDEN nullptr
#define FETTLE_ROW_SUM row_sum_of
#else
// 16 codes at a time.
void widen_pixels(const int8_t* x, int64_t pixels, int64_t channels, int64_t padded, int32_t zero,
                  int16_t* to) {
  typedef int8_t Narrow __attribute__((vector_size(16)));
  typedef int16_t Wide __attribute__((vector_size(32)));
  if (channels == padded) {
    channels = padded = pixels * channels;
    pixels = 1;
  }
  const auto z = static_cast<int16_t>(zero);
  for (int64_t p = 0; p < pixels; ++p, x += channels, to += padded) {
    int64_t c = 0;
    for (; c + 16 <= channels; c += 16) {
      Narrow codes;
      std::memcpy(&codes, x + c, sizeof codes);
      const Wide wide = __builtin_convertvector(codes, Wide) - z;
      std::memcpy(to + c, &wide, sizeof wide);
    }
    for (; c < channels; ++c) to[c] = static_cast<int16_t>(x[c] - z);
    for (; c < padded; ++c) to[c] = 0;
  }
}
#define FETTLE_WIDEN widen_pixels
#define FETTLE_ROW_SUM nullptr
#endif

#if defined(__aarch64__)
constexpr bool kFloatSums = true;
#else
constexpr bool kFloatSums = false;
#endif

#define FETTLE_TILES_4(NV) \
  gemm_i8_tile<1, NV>, gemm_i8_tile<2, NV>, gemm_i8_tile<3, NV>, gemm_i8_tile<4, NV>
#define FETTLE_TILES_5(NV) FETTLE_TILES_4(NV), gemm_i8_tile<5, NV>
#define FETTLE_TILES_6(NV) FETTLE_TILES_5(NV), gemm_i8_tile<6, NV>
#define FETTLE_TILES_8(NV) FETTLE_TILES_6(NV), gemm_i8_tile<7, NV>, gemm_i8_tile<8, NV>
#define FETTLE_TILES_12(NV)                                                            \
  FETTLE_TILES_8(NV), gemm_i8_tile<9, NV>, gemm_i8_tile<10, NV>, gemm_i8_tile<11, NV>, \
      gemm_i8_tile<12, NV>

#if defined(__AVX512F__)
constexpr GemmI8MicroKernel kTiles[] = {{12, 16, {FETTLE_TILES_12(1)}},
                                        {8, 32, {FETTLE_TILES_8(2)}},
                                        {8, 48, {FETTLE_TILES_8(3)}},
                                        {6, 64, {FETTLE_TILES_6(4)}}};
#elif defined(__AVX2__)
constexpr GemmI8MicroKernel kTiles[] = {{6, 8, {FETTLE_TILES_6(1)}}, {6, 16, {FETTLE_TILES_6(2)}}};
#elif defined(__aarch64__)
constexpr GemmI8MicroKernel kTiles[] = {{8, 8, {FETTLE_TILES_8(2)}}, {4, 16, {FETTLE_TILES_4(4)}}};
#else
constexpr GemmI8MicroKernel kTiles[] = {{4, 8, {FETTLE_TILES_4(2)}}};
#endif

#define FETTLE_GEMM_I8(name, isa)                                                                  \
  {                                                                                                \
    name, isa, Product::kGroup, Product::kElementBytes, Product::kWeightElementBytes, 1, 1, kFlip, \
        sizeof kTiles / sizeof kTiles[0], kTiles, FETTLE_WIDEN, FETTLE_ROW_SUM, kFloatSums         \
  }

}  // namespace
}  // namespace fettle::runtime
