// SPDX-License-Identifier: Apache-2.0
//
// The body of gemm_f32's tiles, for the files of the instruction sets alone. A tile is R rows by
// NV whole vectors and NH (0 or 1) half ones: a half vector spares the work of padding where the
// number of channels is 24 or 40.
#pragma once

#include "runtime/kernels/gemm_f32/gemm_f32.h"
#include "runtime/kernels/vector_f32.h"

namespace fettle::runtime {
namespace {

template <int R, int NV, int NH>
struct Accumulators {
  V v[R][NV > 0 ? NV : 1];
  H h[R];
};

// One step of depth: row values at a[i][k], panel row at b.
template <int R, int NV, int NH>
FETTLE_INLINE void step(Accumulators<R, NV, NH>& acc, const float* const (&a)[R], int64_t k,
                        const float* b) {
  V bv[NV > 0 ? NV : 1];
  H bh{};
#pragma GCC unroll 16
  for (int j = 0; j < NV; ++j) bv[j] = load<V>(b + j * kLanes);
  if constexpr (NH > 0) bh = load<H>(b + NV * kLanes);
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    const float x = a[i][k];
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) acc.v[i][j] += splat<V>(x) * bv[j];
    if constexpr (NH > 0) acc.h[i] += splat<H>(x) * bh;
  }
}

#if defined(__aarch64__)
// Four steps of depth with the row values loaded as vectors and multiplied by lane.
template <int R, int NV, int NH>
FETTLE_INLINE void four_steps(Accumulators<R, NV, NH>& acc, const float* const (&a)[R], int64_t k,
                              const float* b) {
  static_assert(NH == 0);
  float32x4_t x[R];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) x[i] = vld1q_f32(a[i] + k);
#define FETTLE_LANE(lane)                                                        \
  _Pragma("GCC unroll 16") for (int j = 0; j < NV; ++j) {                        \
    const float32x4_t w = vld1q_f32(b + (lane * NV + j) * kLanes);               \
    _Pragma("GCC unroll 16") for (int i = 0; i < R; ++i) {                       \
      acc.v[i][j] = (V)vfmaq_laneq_f32((float32x4_t)acc.v[i][j], w, x[i], lane); \
    }                                                                            \
  }
  FETTLE_LANE(0)
  FETTLE_LANE(1)
  FETTLE_LANE(2)
  FETTLE_LANE(3)
#undef FETTLE_LANE
}
#endif

template <int R, int NV, int NH>
void gemm_tile(const GemmF32Tile& t) {
  constexpr int kWidth = NV * kLanes + NH * kHalfLanes;
  Accumulators<R, NV, NH> acc;
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    const float* init = t.init + i * t.init_stride;
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) acc.v[i][j] = load<V>(init + j * kLanes);
    if constexpr (NH > 0) acc.h[i] = load<H>(init + NV * kLanes);
  }
  const float* b = t.panel;
  [[maybe_unused]] Ahead ahead = t.ahead;
  const float* const* rows = t.rows;
  const int64_t depth = t.depth;
  for (int64_t tap = 0; tap < t.taps; ++tap) {
    const float* a[R];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) a[i] = rows[i] + t.depth_begin;
    int64_t k = 0;
#if defined(__aarch64__)
    for (; k + 4 <= depth; k += 4, b += 4 * kWidth) four_steps<R, NV, NH>(acc, a, k, b);
#endif
#if defined(__x86_64__)
    const int64_t asking = depth < ahead.lines ? depth : ahead.lines;
    ahead.lines -= asking;
#pragma GCC unroll 1
    for (; k < asking; ++k, b += kWidth, ahead.at += 64) {
      __builtin_prefetch(ahead.at, 0, 2);
      step<R, NV, NH>(acc, a, k, b);
    }
#endif
#if defined(__AVX2__) && !defined(__AVX512F__)
    // A loop's own instructions are an eighth of so narrow a step's.
    for (; k + 4 <= depth; k += 4, b += 4 * kWidth) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) step<R, NV, NH>(acc, a, k + i, b + i * kWidth);
    }
#endif
#pragma GCC unroll 1
    for (; k < depth; ++k, b += kWidth) step<R, NV, NH>(acc, a, k, b);
    b += t.panel_skip;
    rows += t.row_step;
  }
  const float lo = t.lo, hi = t.hi;
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    float* out = t.out + i * t.out_stride;
    if (t.residual != nullptr) {
      const float* r = t.residual + i * t.residual_stride;
#pragma GCC unroll 16
      for (int j = 0; j < NV; ++j) acc.v[i][j] += load<V>(r + j * kLanes);
      if constexpr (NH > 0) acc.h[i] += load<H>(r + NV * kLanes);
    }
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) {
      store(out + j * kLanes, min_of(max_of(acc.v[i][j], splat<V>(lo)), splat<V>(hi)));
    }
    if constexpr (NH > 0) {
      store(out + NV * kLanes, min_of(max_of(acc.h[i], splat<H>(lo)), splat<H>(hi)));
    }
  }
}

#define FETTLE_TILES_4(NV, NH) \
  gemm_tile<1, NV, NH>, gemm_tile<2, NV, NH>, gemm_tile<3, NV, NH>, gemm_tile<4, NV, NH>
#define FETTLE_TILES_5(NV, NH) FETTLE_TILES_4(NV, NH), gemm_tile<5, NV, NH>
#define FETTLE_TILES_6(NV, NH) FETTLE_TILES_5(NV, NH), gemm_tile<6, NV, NH>
#define FETTLE_TILES_8(NV, NH) FETTLE_TILES_6(NV, NH), gemm_tile<7, NV, NH>, gemm_tile<8, NV, NH>
#define FETTLE_TILES_12(NV, NH)                                                               \
  FETTLE_TILES_8(NV, NH), gemm_tile<9, NV, NH>, gemm_tile<10, NV, NH>, gemm_tile<11, NV, NH>, \
      gemm_tile<12, NV, NH>

// Costs count multiply-adds of a row, plus what loading the row value costs.
#if defined(__AVX512F__)
constexpr GemmF32MicroKernel kTiles[] = {
    {8, 8, 1.4F, {FETTLE_TILES_8(0, 1)}},  {8, 16, 2.3F, {FETTLE_TILES_8(1, 0)}},
    {8, 24, 3.2F, {FETTLE_TILES_8(1, 1)}}, {8, 32, 4.2F, {FETTLE_TILES_8(2, 0)}},
    {8, 40, 5.2F, {FETTLE_TILES_8(2, 1)}}, {8, 48, 6.2F, {FETTLE_TILES_8(3, 0)}},
    {6, 64, 8.2F, {FETTLE_TILES_6(4, 0)}}};
#elif defined(__AVX2__)
constexpr GemmF32MicroKernel kTiles[] = {{6, 8, 1.4F, {FETTLE_TILES_6(1, 0)}},
                                         {6, 16, 2.2F, {FETTLE_TILES_6(2, 0)}},
                                         {4, 24, 3.2F, {FETTLE_TILES_4(3, 0)}}};
#elif defined(__aarch64__)
constexpr GemmF32MicroKernel kTiles[] = {{8, 4, 1.4F, {FETTLE_TILES_8(1, 0)}},
                                         {8, 8, 2.1F, {FETTLE_TILES_8(2, 0)}}};
#elif defined(__ARM_NEON)  // of 16 registers
constexpr GemmF32MicroKernel kTiles[] = {{5, 4, 1.4F, {FETTLE_TILES_5(1, 0)}},
                                         {5, 8, 2.1F, {FETTLE_TILES_5(2, 0)}}};
#else
constexpr GemmF32MicroKernel kTiles[] = {{4, 4, 1.4F, {FETTLE_TILES_4(1, 0)}},
                                         {4, 8, 2.1F, {FETTLE_TILES_4(2, 0)}}};
#endif
constexpr int kTileCount = sizeof kTiles / sizeof kTiles[0];

}  // namespace
}  // namespace fettle::runtime
