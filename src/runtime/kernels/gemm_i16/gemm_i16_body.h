// SPDX-License-Identifier: Apache-2.0
//
// The body of gemm_i16's tiles, for the files of the instruction sets alone.
//
// A run's sums stay inside 32 bits whatever the activations are (PanelsI8 cuts runs so), and are
// then added to doubles exactly. Weights of 16 bits keep one set of sums for their low and one for
// their high halves; 256 times the second joins the first in double.
#pragma once

#include "runtime/kernels/gemm_i8/gemm_i8.h"
#include "runtime/kernels/gemm_i8/gemm_steps.h"
#include "runtime/kernels/narrow_i16.h"

namespace fettle::runtime {
namespace {

// Sums of R rows by NV vectors of columns; vector p * NV + j has half p of the weights.
template <int R, int NV, int kHalves>
using SumsI16 = VI[R][NV * kHalves];

template <int NV, int kHalves>
FETTLE_INLINE WideSum wide_sum(const VI (&acc)[NV * kHalves], int j) {
  if constexpr (kHalves == 1) return WideSum::of(acc[j]);
  return WideSum::of(acc[j]) + WideSum::of(acc[NV + j]) * 256.0;
}

// scaled(i, j): the scaled sums of row i, vector j.
template <int R, int NV, class F>
FETTLE_INLINE void store_tile(const GemmI8Tile& t, F&& scaled) {
  constexpr int kWidth = NV * kLanes;
  const NarrowI16 narrow(t.lo, t.hi);
  auto* out = static_cast<int16_t*>(t.out);
  int16_t own[R][kWidth];
  const bool whole = t.columns == kWidth;
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
    V row[NV];
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) row[j] = scaled(i, j);
    narrow.store(whole ? out + i * t.out_stride : own[i], row);
  }
  for (int i = 0; i < R && !whole; ++i, out += t.out_stride) {
    std::memcpy(out, own[i], static_cast<size_t>(t.columns) * sizeof(int16_t));
  }
}

template <int R, int NV, int kHalves>
FETTLE_INLINE const std::byte* add_run(SumsI16<R, NV, kHalves>& acc, const GemmI8Tile& t,
                                       const GemmRun& run, const std::byte* panel, Ahead& ahead) {
  if (t.left_out != 0 && (t.left_out >> run.tap & 1) != 0) {
    return panel +
           (run.count + Words::kGroup - 1) / Words::kGroup * NV * kHalves * kWeightBytes<Words>;
  }
  const std::byte* const* rows = t.rows + run.tap * t.row_step;
  const std::byte* a[R];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) a[i] = rows[i] + run.begin * Words::kElementBytes;
  return add_elements<Words, R, NV * kHalves>(acc, a, run.count, panel, ahead);
}

// Every sum in doubles. Between runs the stack holds them.
template <int R, int NV, int kHalves>
__attribute__((noinline)) void gemm_i16_widening(const GemmI8Tile& t) {
  constexpr int kWidth = NV * kLanes;
  const auto* multiplier = reinterpret_cast<const float*>(t.panel) + kWidth;
  const auto* base = reinterpret_cast<const double*>(t.panel + 8 * kWidth);
  const std::byte* panel = t.panel + 16 * kWidth;
  Ahead ahead = t.ahead;
  const GemmRun *run = t.runs, *last = t.runs + t.run_count - 1;
  WideSum total[R][NV];
#pragma GCC unroll 16
  for (int i = 0; i < R; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) total[i][j] = WideSum::load(base + j * kLanes);
  }
  SumsI16<R, NV, kHalves> acc;
  while (true) {
#pragma GCC unroll 16
    for (int j = 0; j < NV * kHalves; ++j) {
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) acc[i][j] = VI{};
    }
    panel = add_run<R, NV, kHalves>(acc, t, *run, panel, ahead);
    while (!run->widens && run != last)
      panel = add_run<R, NV, kHalves>(acc, t, *++run, panel, ahead);
    if (run == last) break;
    ++run;
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 16
      for (int j = 0; j < NV; ++j) {
        total[i][j] = total[i][j] + wide_sum<NV, kHalves>(acc[i], j);
      }
    }
  }
  store_tile<R, NV>(
      t, [&](int i, int j) __attribute__((always_inline)) {
        const WideSum sum = total[i][j] + wide_sum<NV, kHalves>(acc[i], j);
        return sum.floats() * load<V>(multiplier + j * kLanes);
      });
}

#if defined(__aarch64__)
// Two rows at a time: code for more is large, and whoever needs it is a device.
template <int R, int NV, int kHalves>
void widen_rows(const GemmI8Tile& t) {
  GemmI8Tile part = t;
  for (int row = 0; row < R; row += 2) {
    part.rows = t.rows + row;
    part.out = static_cast<int16_t*>(t.out) + row * t.out_stride;
    if (row + 1 < R)
      gemm_i16_widening<2, NV, kHalves>(part);
    else
      gemm_i16_widening<1, NV, kHalves>(part);
  }
}
#else
template <int R, int NV, int kHalves>
void widen_rows(const GemmI8Tile& t) {
  gemm_i16_widening<R, NV, kHalves>(t);
}
#endif

template <int R, int NV, int kHalves>
void gemm_i16_tile(const GemmI8Tile& t) {
  if constexpr (kHalves > 1) {
    widen_rows<R, NV, kHalves>(t);
  } else if (t.widens) {
    widen_rows<R, NV, 1>(t);
  } else {
    constexpr int kWidth = NV * kLanes;
    const auto* multiplier = reinterpret_cast<const float*>(t.panel) + kWidth;
    const std::byte* panel = t.panel + 16 * kWidth;
    Ahead ahead = t.ahead;
    VI acc[R][NV];
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) {
      const VI v = load_ints(t.initial + j * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < R; ++i) acc[i][j] = v;
    }
    for (int64_t r = 0; r < t.run_count; ++r) {
      panel = add_run<R, NV, kHalves>(acc, t, t.runs[r], panel, ahead);
    }
    V m[NV];
#pragma GCC unroll 16
    for (int j = 0; j < NV; ++j) m[j] = load<V>(multiplier + j * kLanes);
    store_tile<R, NV>(
        t, [&](int i, int j)
               __attribute__((always_inline)) { return floats_of(acc[i][j]) * m[j]; });
  }
}

#define FETTLE_I16_4(NV, P) \
  gemm_i16_tile<1, NV, P>, gemm_i16_tile<2, NV, P>, gemm_i16_tile<3, NV, P>, gemm_i16_tile<4, NV, P>
#define FETTLE_I16_5(NV, P) FETTLE_I16_4(NV, P), gemm_i16_tile<5, NV, P>
#define FETTLE_I16_6(NV, P) FETTLE_I16_5(NV, P), gemm_i16_tile<6, NV, P>
#define FETTLE_I16_8(NV, P) FETTLE_I16_6(NV, P), gemm_i16_tile<7, NV, P>, gemm_i16_tile<8, NV, P>

#if defined(__AVX512F__)
constexpr GemmI8MicroKernel kTilesI16[] = {{8, 16, {FETTLE_I16_8(1, 1)}},
                                           {8, 32, {FETTLE_I16_8(2, 1)}},
                                           {8, 48, {FETTLE_I16_8(3, 1)}},
                                           {6, 64, {FETTLE_I16_6(4, 1)}}};
constexpr GemmI8MicroKernel kTilesI16x16[] = {{8, 16, {FETTLE_I16_8(1, 2)}},
                                              {6, 32, {FETTLE_I16_6(2, 2)}}};
#elif defined(__AVX2__)
constexpr GemmI8MicroKernel kTilesI16[] = {{6, 8, {FETTLE_I16_6(1, 1)}},
                                           {6, 16, {FETTLE_I16_6(2, 1)}}};
constexpr GemmI8MicroKernel kTilesI16x16[] = {{4, 8, {FETTLE_I16_4(1, 2)}}};
#elif defined(__aarch64__)
constexpr GemmI8MicroKernel kTilesI16[] = {{8, 8, {FETTLE_I16_8(2, 1)}},
                                           {4, 16, {FETTLE_I16_4(4, 1)}}};
constexpr GemmI8MicroKernel kTilesI16x16[] = {{4, 8, {FETTLE_I16_4(2, 2)}}};
#else
constexpr GemmI8MicroKernel kTilesI16[] = {{4, 8, {FETTLE_I16_4(2, 1)}}};
constexpr GemmI8MicroKernel kTilesI16x16[] = {{4, 8, {FETTLE_I16_4(2, 2)}}};
#endif

#define FETTLE_GEMM_I16(name, isa, halves, tiles)                                             \
  {                                                                                           \
    name, isa, Words::kGroup, Words::kElementBytes, Words::kWeightElementBytes, 2, halves, 0, \
        sizeof tiles / sizeof tiles[0], tiles, nullptr, nullptr                               \
  }

}  // namespace
}  // namespace fettle::runtime
