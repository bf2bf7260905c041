// SPDX-License-Identifier: Apache-2.0
//
// The body of depthwise_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/depthwise_i8/depthwise_i8.h"
#include "runtime/kernels/vector_i8.h"

namespace fettle::runtime {
namespace {

// Group: the codes of a group of rows at one column of a block, interleaved into kParts vectors.
// load_codes(p, n) reads the first n codes at p (all of a block where n is at least kBlock).
#if defined(__AVX512VNNI__)
constexpr int kBlock = 64, kGroup = 4, kWeightBytes = 1, kFlip = 128;
using CodeVector = __m512i;
struct Group {
  __m512i part[4];
};
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  const __mmask64 mask = n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  return _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, p), _mm512_set1_epi8(-128));
}
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return _mm512_set1_epi8(static_cast<char>(code ^ 0x80));
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[4]) {
  const __m512i a = _mm512_unpacklo_epi8(x[0], x[1]), b = _mm512_unpackhi_epi8(x[0], x[1]);
  const __m512i c = _mm512_unpacklo_epi8(x[2], x[3]), d = _mm512_unpackhi_epi8(x[2], x[3]);
  return {{_mm512_unpacklo_epi16(a, c), _mm512_unpackhi_epi16(a, c), _mm512_unpacklo_epi16(b, d),
           _mm512_unpackhi_epi16(b, d)}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  return (VI)_mm512_dpbusd_epi32((__m512i)sum, g.part[part], _mm512_loadu_si512(w));
}
FETTLE_INLINE void store_block(int8_t* to, const VI (&v)[4], int64_t n) {
  const __m512i low = _mm512_packs_epi32((__m512i)v[0], (__m512i)v[1]);
  const __m512i high = _mm512_packs_epi32((__m512i)v[2], (__m512i)v[3]);
  const __mmask64 mask = n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  _mm512_mask_storeu_epi8(to, mask, _mm512_packs_epi16(low, high));
}
#elif defined(__AVX512F__)
constexpr int kBlock = 32, kGroup = 2, kWeightBytes = 2, kFlip = 0;
using CodeVector = __m512i;
struct Group {
  __m512i part[2];
};
FETTLE_INLINE __mmask32 mask_of(int64_t n) {
  return n >= 32 ? ~uint32_t{0} : (uint32_t{1} << n) - 1;
}
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask_of(n), p));
}
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return _mm512_set1_epi16(static_cast<int16_t>(code));
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[2]) {
  return {{_mm512_unpacklo_epi16(x[0], x[1]), _mm512_unpackhi_epi16(x[0], x[1])}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  return (VI)_mm512_add_epi32((__m512i)sum, _mm512_madd_epi16(g.part[part], _mm512_loadu_si512(w)));
}
FETTLE_INLINE void store_block(int8_t* to, const VI (&v)[2], int64_t n) {
  const __m512i words = _mm512_packs_epi32((__m512i)v[0], (__m512i)v[1]);
  _mm256_mask_storeu_epi8(to, mask_of(n), _mm512_maskz_cvtepi16_epi8(~uint32_t{0}, words));
}
#elif defined(__AVX2__)
constexpr int kBlock = 16, kGroup = 2, kWeightBytes = 2, kFlip = 0;
using CodeVector = __m256i;
struct Group {
  __m256i part[2];
};
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  if (n >= kBlock) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  alignas(16) int8_t own[kBlock] = {};
  for (int64_t i = 0; i < n; ++i) own[i] = p[i];
  return _mm256_cvtepi8_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(own)));
}
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return _mm256_set1_epi16(static_cast<int16_t>(code));
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[2]) {
  return {{_mm256_unpacklo_epi16(x[0], x[1]), _mm256_unpackhi_epi16(x[0], x[1])}};
}
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
  return (VI)_mm256_add_epi32((__m256i)sum, _mm256_madd_epi16(g.part[part], v));
}
FETTLE_INLINE void store_block(int8_t* to, const VI (&v)[2], int64_t n) {
  const __m256i words = _mm256_packs_epi32((__m256i)v[0], (__m256i)v[1]);
  const __m128i bytes =
      _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  if (n >= kBlock) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    return;
  }
  alignas(16) int8_t own[kBlock];
  _mm_store_si128(reinterpret_cast<__m128i*>(own), bytes);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#else
constexpr int kBlock = 8, kGroup = 1, kWeightBytes = 2, kFlip = 0;
typedef int16_t CodeVector __attribute__((vector_size(16)));
struct Group {
  CodeVector codes;
};
FETTLE_INLINE CodeVector load_codes(const int8_t* p, int64_t n) {
  typedef int8_t Narrow __attribute__((vector_size(8)));
  Narrow codes{};
  if (n >= kBlock) {
    std::memcpy(&codes, p, sizeof codes);
  } else {
    int8_t own[kBlock] = {};
    for (int64_t i = 0; i < n; ++i) own[i] = p[i];
    std::memcpy(&codes, own, sizeof codes);
  }
  return __builtin_convertvector(codes, CodeVector);
}
FETTLE_INLINE CodeVector splat_code(int32_t code) {
  return CodeVector{} + static_cast<int16_t>(code);
}
FETTLE_INLINE Group interleave(const CodeVector (&x)[1]) { return {x[0]}; }
FETTLE_INLINE VI add_product(VI sum, const Group& g, int part, const std::byte* w) {
#if defined(__aarch64__)
  const auto x = (int16x8_t)g.codes;
  const int16x4_t v = vld1_s16(reinterpret_cast<const int16_t*>(w));
  return (VI)vmlal_s16((int32x4_t)sum, part == 0 ? vget_low_s16(x) : vget_high_s16(x), v);
#else
  typedef int16_t Half __attribute__((vector_size(8)));
  Half x, v;
  std::memcpy(&x, reinterpret_cast<const char*>(&g.codes) + part * sizeof x, sizeof x);
  std::memcpy(&v, w, sizeof v);
  return sum + __builtin_convertvector(x, VI) * __builtin_convertvector(v, VI);
#endif
}
FETTLE_INLINE void store_block(int8_t* to, const VI (&v)[2], int64_t n) {
  if (n >= kBlock) {
    store_codes(to, v[0]);
    store_codes(to + kLanes, v[1]);
    return;
  }
  int8_t own[kBlock];
  store_codes(own, v[0]);
  store_codes(own + kLanes, v[1]);
  for (int64_t i = 0; i < n; ++i) to[i] = own[i];
}
#endif

constexpr int kParts = kBlock / kLanes;
constexpr int kPartBytes = kLanes * kGroup * kWeightBytes;
constexpr int kTapBytes = kParts * kPartBytes;
// Neighbouring channels that stay together: 4 where 128-bit lanes were interleaved.
#if defined(__AVX2__)
constexpr int kPartLanes = 4;
#else
constexpr int kPartLanes = kLanes;
#endif

// The rows of one group, walked from column to column.
struct Rows {
  const int8_t* at[kGroup];
  int64_t step[kGroup];
  FETTLE_INLINE Rows(const DepthwiseI8Tile& t, int64_t row, int64_t column, int64_t c,
                     int64_t dilation) {
#pragma GCC unroll 4
    for (int r = 0; r < kGroup; ++r) {
      at[r] = t.rows[row + r] + (t.left + column) * t.row_steps[row + r] + c;
      step[r] = t.row_steps[row + r] * dilation;
    }
  }
  FETTLE_INLINE Group load(int64_t n) const {
    CodeVector x[kGroup];
#pragma GCC unroll 4
    for (int r = 0; r < kGroup; ++r) x[r] = load_codes(at[r], n);
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

template <int kColumns>
struct Sums {
  VI v[kColumns][kParts];
  FETTLE_INLINE void begin(const std::byte* block) {
#pragma GCC unroll 4
    for (int q = 0; q < kParts; ++q) {
      const VI initial = load_ints(reinterpret_cast<const int32_t*>(block) + q * kLanes);
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; ++j) v[j][q] = initial;
    }
  }
  FETTLE_INLINE void add(int j, const Group& g, const std::byte* w) {
#pragma GCC unroll 4
    for (int q = 0; q < kParts; ++q) v[j][q] = add_product(v[j][q], g, q, w + q * kPartBytes);
  }
  FETTLE_INLINE void finish(const DepthwiseI8Tile& t, const std::byte* block, int8_t* out,
                            int64_t n) {
    const V lo = splat<V>(t.lo), hi = splat<V>(t.hi);
    const VI zero_point = splat_int(t.zero_point);
    const float* multiplier = reinterpret_cast<const float*>(block) + kBlock;
#pragma GCC unroll 4
    for (int q = 0; q < kParts; ++q) {
      const V m = load<V>(multiplier + q * kLanes);
#pragma GCC unroll 4
      for (int j = 0; j < kColumns; ++j) v[j][q] = quantize(v[j][q], m, lo, hi, zero_point);
    }
#pragma GCC unroll 4
    for (int j = 0; j < kColumns; ++j) store_block(out + j * t.out_step, v[j], n);
  }
};

// Of one block of n channels that begin at c. kInside: no column is outside.
template <int kWide, int kStride, int kColumns, bool kInside>
FETTLE_INLINE void columns_of(const DepthwiseI8Tile& t, const std::byte* block, int64_t c,
                              int64_t n) {
  Sums<kColumns> sums;
  sums.begin(block);
  const std::byte* w = block + 8 * kBlock;
  for (int64_t row = 0; row < t.row_groups * kGroup; row += kGroup, w += kWide * kTapBytes) {
    Rows rows(t, row, 0, c, 1);
#pragma GCC unroll 16
    for (int i = 0; i < (kColumns - 1) * kStride + kWide; ++i, rows.next()) {
      const bool inside = kInside || (i >= t.first && i < t.last);
      const Group g = inside ? rows.load(n) : padding_group(t);
#pragma GCC unroll 8
      for (int kw = 0; kw < kWide; ++kw) {
        const int j = (i - kw) / kStride;
        if (i >= kw && (i - kw) % kStride == 0 && j < kColumns) sums.add(j, g, w + kw * kTapBytes);
      }
    }
  }
  sums.finish(t, block, t.out + c, n);
}

// One column of any width; `shift` is the input column of its first tap.
FETTLE_INLINE void column_of(const DepthwiseI8Tile& t, const std::byte* block, int64_t taps_w,
                             int64_t dilation, int64_t shift, int8_t* out, int64_t c, int64_t n) {
  Sums<1> sums;
  sums.begin(block);
  const std::byte* w = block + 8 * kBlock;
  for (int64_t row = 0; row < t.row_groups * kGroup; row += kGroup) {
    Rows rows(t, row, shift, c, dilation);
    for (int64_t kw = 0; kw < taps_w; ++kw, w += kTapBytes, rows.next()) {
      const int64_t i = shift + kw * dilation;
      const bool inside = i >= t.first && i < t.last;
      sums.add(0, inside ? rows.load(n) : padding_group(t), w);
    }
  }
  sums.finish(t, block, out + c, n);
}

void depthwise_general(const DepthwiseI8Tile& tile) {
  const DepthwiseI8Tile t = tile;  // where no store can reach it
  const int64_t block_bytes = 8 * kBlock + t.row_groups * t.taps_w * kTapBytes;
  const std::byte* block = t.packed;
  for (int64_t c = 0; c < t.channels; c += kBlock, block += block_bytes) {
    column_of(t, block, t.taps_w, t.dilation, 0, t.out, c, t.channels - c);
  }
}

// The last channels of a tile, column by column, where loads have no masks: rare, so small rather
// than fast.
[[maybe_unused]] __attribute__((noinline)) void tail_columns(const DepthwiseI8Tile& t, int wide,
                                                             int stride, int columns,
                                                             const std::byte* block, int64_t c) {
  for (int j = 0; j < columns; ++j) {
    column_of(t, block, wide, 1, j * stride, t.out + j * t.out_step, c, t.channels - c);
  }
}

template <int kWide, int kStride, int kColumns, bool kInside>
[[maybe_unused]] void columns_over_blocks(const DepthwiseI8Tile& tile) {
  const DepthwiseI8Tile t = tile;
  const int64_t block_bytes = 8 * kBlock + t.row_groups * kWide * kTapBytes;
  const std::byte* block = t.packed;
#if defined(__AVX512F__)
  for (int64_t c = 0; c < t.channels; c += kBlock, block += block_bytes) {
    columns_of<kWide, kStride, kColumns, kInside>(t, block, c, t.channels - c);
  }
#else
  int64_t c = 0;
  for (; c + kBlock <= t.channels; c += kBlock, block += block_bytes) {
    columns_of<kWide, kStride, kColumns, kInside>(t, block, c, kBlock);
  }
  if (c < t.channels) tail_columns(tile, kWide, kStride, kColumns, block, c);
#endif
}

// Most tiles are as wide as can be and inside, and have code of their own.
template <int kWide, int kStride, int kColumns>
[[maybe_unused]] void depthwise_columns(const DepthwiseI8Tile& t) {
  constexpr int kSpan = (kColumns - 1) * kStride + kWide;
  if constexpr (kColumns == kDepthwiseI8Columns) {
    if (t.first <= 0 && t.last >= kSpan) {
      return columns_over_blocks<kWide, kStride, kColumns, true>(t);
    }
  }
  columns_over_blocks<kWide, kStride, kColumns, false>(t);
}

#if defined(__AVX2__) || defined(__aarch64__)
#define FETTLE_COLUMNS(wide, stride)                                           \
  {                                                                            \
    depthwise_columns<wide, stride, 1>, depthwise_columns<wide, stride, 2>,    \
        depthwise_columns<wide, stride, 3>, depthwise_columns<wide, stride, 4> \
  }
#else
#define FETTLE_COLUMNS(wide, stride) \
  {}  // not worth their size without wide vectors
#endif
#define FETTLE_DEPTHWISE_I8(name, isa)                                             \
  {                                                                                \
    name, isa, kBlock, kGroup, kWeightBytes, kFlip, kPartLanes, depthwise_general, \
        {FETTLE_COLUMNS(3, 1), FETTLE_COLUMNS(3, 2)}, {                            \
      FETTLE_COLUMNS(5, 1), FETTLE_COLUMNS(5, 2)                                   \
    }                                                                              \
  }

}  // namespace
}  // namespace fettle::runtime
