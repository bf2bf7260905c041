// SPDX-License-Identifier: Apache-2.0
//
// The body of depthwise_i8 and depthwise_i16, for the files of the instruction sets alone. Their
// own bodies say before what a Code is, how a block of codes is read, written, interleaved (a
// Group) and multiplied, and how sums become codes (Finish).
//
// kHalves: 1, or 2 where sums of 32 bits do not hold the products; then each weight is two
// elements, 256 * high + low, each has sums of its own, and the two meet in doubles.
#pragma once

#include "runtime/kernels/depthwise_i8/depthwise_i8.h"

namespace fettle::runtime {
namespace {

constexpr int kParts = kBlock / kLanes;
constexpr int kPartBytes = kLanes * kGroup * kWeightBytes;
constexpr int kHeaderBytes = kBlock * (sizeof(Code) != 1 ? 16 : kFloatSums ? 12 : 8);
template <int kHalves>
constexpr int kTapBytes = kHalves* kParts* kPartBytes;
// Neighbouring channels that stay together: 4 where 128-bit lanes were interleaved.
#if defined(__AVX2__)
constexpr int kPartLanes = 4;
#else
constexpr int kPartLanes = kLanes;
#endif

// The rows of one group, walked from column to column.
struct Rows {
  const std::byte* at[kGroup];
  int64_t step[kGroup];
  FETTLE_INLINE Rows(const DepthwiseI8Tile& t, int64_t row, int64_t column, int64_t c,
                     int64_t dilation) {
#pragma GCC unroll 4
    for (int r = 0; r < kGroup; ++r) {
      at[r] = t.rows[row + r] + (t.left + column) * t.row_steps[row + r] +
              c * static_cast<int64_t>(sizeof(Code));
      step[r] = t.row_steps[row + r] * dilation;
    }
  }
  FETTLE_INLINE Group load(int64_t n) const {
    CodeVector x[kGroup];
#pragma GCC unroll 4
    for (int r = 0; r < kGroup; ++r) x[r] = load_codes(reinterpret_cast<const Code*>(at[r]), n);
    return interleave(x);
  }
  FETTLE_INLINE void next() {
#pragma GCC unroll 4
    for (int r = 0; r < kGroup; ++r) at[r] += step[r];
  }
};

FETTLE_INLINE Group padding_group(const DepthwiseI8Tile& t) {
  CodeVector x[kGroup];
#pragma GCC unroll 4
  for (int r = 0; r < kGroup; ++r) x[r] = splat_code(t.in_zero_point);
  return interleave(x);
}

template <int kColumns, int kHalves>
struct Sums {
  VI v[kColumns][kHalves][kParts];
  FETTLE_INLINE void begin(const std::byte* block) {
#pragma GCC unroll 4
    for (int q = 0; q < kParts; ++q) {
      VI initial{};
      if (kHalves == 1) initial = load_ints(reinterpret_cast<const int32_t*>(block) + q * kLanes);
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; ++j) {
#pragma GCC unroll 2
        for (int h = 0; h < kHalves; ++h) v[j][h][q] = initial;
      }
    }
  }
  FETTLE_INLINE void add(int j, const Group& g, const std::byte* w) {
#pragma GCC unroll 2
    for (int h = 0; h < kHalves; ++h) {
#pragma GCC unroll 4
      for (int q = 0; q < kParts; ++q) {
        v[j][h][q] = add_product(v[j][h][q], g, q, w + (h * kParts + q) * kPartBytes);
      }
    }
  }
  // Taps kw and, where there is one, kw + 1 of column j, of whose row's weights w is the first's.
  template <int kWide, int kHalvesToo = kHalves>
  FETTLE_INLINE void add_taps(int j, const Group* x, int kw, const std::byte* w) {
    constexpr int kTap = kTapBytes<kHalvesToo>;
    if (kw + 1 == kWide) return add(j, x[kw], w + kw * kTap);
    add_joined(v[j][0], x[kw], w + kw * kTap, x[kw + 1], w + (kw + 1) * kTap);
  }
  FETTLE_INLINE void finish(const DepthwiseI8Tile& t, const std::byte* block, Code* out,
                            int64_t n) const {
    const float* multiplier = reinterpret_cast<const float*>(block) + kBlock;
    V m[kParts];
#pragma GCC unroll 4
    for (int q = 0; q < kParts; ++q) m[q] = load<V>(multiplier + q * kLanes);
    Finish{t}.store(out, v, m, block, n);
  }
};

// Of one block of n channels that begin at c. kInside: no column is outside.
template <int kWide, int kStride, int kColumns, bool kInside, int kHalves>
FETTLE_INLINE void columns_of(const DepthwiseI8Tile& t, const std::byte* block, int64_t c,
                              int64_t n) {
  constexpr int kTap = kTapBytes<kHalves>, kSpan = (kColumns - 1) * kStride + kWide;
  Sums<kColumns, kHalves> sums;
  sums.begin(block);
  const std::byte* w = block + kHeaderBytes;
  for (int64_t row = 0; row < t.row_groups * kGroup; row += kGroup, w += kWide * kTap) {
    Rows rows(t, row, 0, c, 1);
    const auto group_at = [&](int i) __attribute__((always_inline)) {
      const bool inside = kInside || (i >= t.first && i < t.last);
      return inside ? rows.load(n) : padding_group(t);
    };
    if constexpr (kJoinsTaps && kHalves == 1) {
      Group x[kSpan];
#pragma GCC unroll 16
      for (int i = 0; i < kSpan; ++i, rows.next()) x[i] = group_at(i);
#pragma GCC unroll 8
      for (int j = 0; j < kColumns; ++j) {
#pragma GCC unroll 8
        for (int kw = 0; kw < kWide; kw += 2) {
          sums.template add_taps<kWide>(j, x + j * kStride, kw, w);
        }
      }
      continue;
    }
#pragma GCC unroll 16
    for (int i = 0; i < kSpan; ++i, rows.next()) {
      const Group g = group_at(i);
#pragma GCC unroll 8
      for (int kw = 0; kw < kWide; ++kw) {
        const int j = (i - kw) / kStride;
        if (i >= kw && (i - kw) % kStride == 0 && j < kColumns) sums.add(j, g, w + kw * kTap);
      }
    }
  }
  sums.finish(t, block, static_cast<Code*>(t.out) + c, n);
}

// One column of any width; `shift` is the input column of its first tap.
template <int kHalves>
FETTLE_INLINE void column_of(const DepthwiseI8Tile& t, const std::byte* block, int64_t taps_w,
                             int64_t dilation, int64_t shift, Code* out, int64_t c, int64_t n) {
  Sums<1, kHalves> sums;
  sums.begin(block);
  const std::byte* w = block + kHeaderBytes;
  for (int64_t row = 0; row < t.row_groups * kGroup; row += kGroup) {
    Rows rows(t, row, shift, c, dilation);
    for (int64_t kw = 0; kw < taps_w; ++kw, w += kTapBytes<kHalves>, rows.next()) {
      const int64_t i = shift + kw * dilation;
      const bool inside = i >= t.first && i < t.last;
      sums.add(0, inside ? rows.load(n) : padding_group(t), w);
    }
  }
  sums.finish(t, block, out + c, n);
}

template <int kHalves>
void depthwise_general(const DepthwiseI8Tile& tile) {
  const DepthwiseI8Tile t = tile;  // where no store can reach it
  const int64_t block_bytes = kHeaderBytes + t.row_groups * t.taps_w * kTapBytes<kHalves>;
  const std::byte* block = t.packed;
  for (int64_t c = 0; c < t.channels; c += kBlock, block += block_bytes) {
    const int64_t at = c < t.last_block ? c : t.last_block;
    column_of<kHalves>(t, block, t.taps_w, t.dilation, 0, static_cast<Code*>(t.out), at,
                       t.channels - at);
  }
}

// The channels of a tile that fill no block, column by column, where loads have no masks: rare, as
// last blocks overlap, so small rather than fast.
template <int kHalves>
[[maybe_unused]] __attribute__((noinline)) void tail_columns(const DepthwiseI8Tile& t, int wide,
                                                             int stride, int columns,
                                                             const std::byte* block, int64_t c) {
  for (int j = 0; j < columns; ++j) {
    column_of<kHalves>(t, block, wide, 1, j * stride, static_cast<Code*>(t.out) + j * t.out_step, c,
                       t.channels - c);
  }
}

template <int kWide, int kStride, int kColumns, bool kInside, int kHalves>
[[maybe_unused]] void columns_over_blocks(const DepthwiseI8Tile& tile) {
  const DepthwiseI8Tile t = tile;
  const int64_t block_bytes = kHeaderBytes + t.row_groups * kWide * kTapBytes<kHalves>;
  const std::byte* block = t.packed;
  for (int64_t c = 0; c < t.channels; c += kBlock, block += block_bytes) {
    const int64_t at = c < t.last_block ? c : t.last_block, n = t.channels - at;
#if defined(__AVX512F__)
    columns_of<kWide, kStride, kColumns, kInside, kHalves>(t, block, at, n);
#else
    if (n >= kBlock) {
      columns_of<kWide, kStride, kColumns, kInside, kHalves>(t, block, at, kBlock);
    } else {
      tail_columns<kHalves>(tile, kWide, kStride, kColumns, block, at);
    }
#endif
  }
}

// Most tiles are as wide as can be and inside, and have code of their own, but on devices only
// where asking for each column costs much: in every row of the narrower kernels.
#if defined(__aarch64__)
constexpr bool kSeldom = sizeof(Code) == 1 && kWeightBytes == 2;  // 8-bit weights with zero points
constexpr int kWidestApart = kSeldom ? 0 : 3;
#else
constexpr int kWidestApart = 5;
#endif
template <int kWide, int kStride, int kColumns, int kHalves>
[[maybe_unused]] void depthwise_columns(const DepthwiseI8Tile& t) {
  constexpr int kSpan = (kColumns - 1) * kStride + kWide;
  if constexpr (kColumns == kDepthwiseI8Columns && kWide <= kWidestApart) {
    if (t.first <= 0 && t.last >= kSpan) {
      return columns_over_blocks<kWide, kStride, kColumns, true, kHalves>(t);
    }
  }
  columns_over_blocks<kWide, kStride, kColumns, false, kHalves>(t);
}

#if defined(__aarch64__)
// Small rather than complete, as this goes to devices: for fewer columns than there is code for,
// which are at the end of a row, the caller goes back and takes some once more, and weights of 16
// bits, rare too, go column by column.
template <int kWide, int kStride, int kColumns, int kHalves>
constexpr DepthwiseI8Fn columns_or_none() {
  constexpr bool kMost = kColumns == kDepthwiseI8Columns;
  constexpr bool kHas = kWide == 3 ? kMost || !kSeldom : kMost && !kSeldom;
  if constexpr (kHalves == 1 && kHas) return depthwise_columns<kWide, kStride, kColumns, kHalves>;
  return nullptr;
}
#define FETTLE_COLUMNS(wide, stride, halves)                      \
  {                                                               \
    nullptr, nullptr, columns_or_none<wide, stride, 3, halves>(), \
        columns_or_none<wide, stride, 4, halves>()                \
  }
#elif defined(__AVX2__)
#define FETTLE_COLUMNS(wide, stride, halves)                                                   \
  {                                                                                            \
    depthwise_columns<wide, stride, 1, halves>, depthwise_columns<wide, stride, 2, halves>,    \
        depthwise_columns<wide, stride, 3, halves>, depthwise_columns<wide, stride, 4, halves> \
  }
#else
#define FETTLE_COLUMNS(wide, stride, halves) \
  {}  // not worth their size without wide vectors
#endif
#define FETTLE_DEPTHWISE(name, isa, halves)                                                       \
  {                                                                                               \
    name, isa, kBlock, kGroup, kWeightBytes, sizeof(Code), halves, kFlip, kPartLanes, kJoinsTaps, \
        kFloatSums, depthwise_general<halves>,                                                    \
        {FETTLE_COLUMNS(3, 1, halves), FETTLE_COLUMNS(3, 2, halves)}, {                           \
      FETTLE_COLUMNS(5, 1, halves), FETTLE_COLUMNS(5, 2, halves)                                  \
    }                                                                                             \
  }

}  // namespace
}  // namespace fettle::runtime
