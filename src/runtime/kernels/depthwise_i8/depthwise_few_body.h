// SPDX-License-Identifier: Apache-2.0
//
// Depthwise convolution of few channels with dot products of four bytes: a block of 64 codes is
// several neighbouring output columns with all their channels. Channels lie beside each other, so
// what tap kw wants for them is 64 neighbouring codes as well, a column further for each tap; with
// stride 2, every other column of twice as many. At most four kernel rows of three taps.
#pragma once

#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
namespace {

// The bytes [begin, end) of 64, as a mask.
FETTLE_INLINE __mmask64 bytes_between(int64_t begin, int64_t end) {
  if (begin >= end || begin >= 64 || end <= 0) return 0;
  const uint64_t below_end = end >= 64 ? ~uint64_t{0} : (uint64_t{1} << end) - 1;
  return begin <= 0 ? below_end : below_end & ~((uint64_t{1} << begin) - 1);
}

// 64 codes at p, of which [begin, end) are inside the image and the others padding.
FETTLE_INLINE __m512i load_between(const std::byte* p, int64_t begin, int64_t end,
                                   __m512i padding) {
  if (begin <= 0 && end >= 64) return _mm512_loadu_si512(p);
  return _mm512_mask_loadu_epi8(padding, bytes_between(begin, end), p);
}

// Of twice as many columns every other one: which four bytes of 128 the i-th four are.
FETTLE_INLINE __m512i every_other_column(int64_t channels) {
  alignas(64) int32_t from[16];
  for (int32_t i = 0; i < 16; ++i) {
    const auto column = static_cast<int32_t>(i * 4 / channels);
    const int32_t four = i + column * static_cast<int32_t>(channels / 4);
    from[i] = four < 31 ? four : 31;
  }
  return _mm512_load_si512(from);
}

template <int kStride>
void depthwise_few(const DepthwiseI8Tile& tile) {
  constexpr int kTaps = 3;
  const DepthwiseI8Tile t = tile;  // where no store can reach it
  const int64_t together = kBlock / t.channels, step = together * kStride * t.channels;
  const __m512i padding = _mm512_set1_epi8(static_cast<char>(t.in_zero_point));
  const __m512i flip = _mm512_set1_epi8(-128);
  const __m512i columns = kStride == 2 ? every_other_column(t.channels) : flip;
  VI initial[kParts];
  V multiplier[kParts];
  __m512i weights[kTaps][kParts];
#pragma GCC unroll 4
  for (int q = 0; q < kParts; ++q) {
    initial[q] = load_ints(reinterpret_cast<const int32_t*>(t.packed) + q * kLanes);
    multiplier[q] = load<V>(reinterpret_cast<const float*>(t.packed) + kBlock + q * kLanes);
#pragma GCC unroll 4
    for (int kw = 0; kw < kTaps; ++kw) {
      weights[kw][q] = _mm512_loadu_si512(t.packed + kHeaderBytes + (kw * kParts + q) * kPartBytes);
    }
  }
  const std::byte* at[kGroup];
  int64_t row_step[kGroup];
  for (int r = 0; r < kGroup; ++r) {
    at[r] = t.rows[r] + t.left * t.row_steps[r];
    row_step[r] = t.row_steps[r] == 0 ? 0 : t.channels;
  }
  const NarrowI8 narrow(t.lo, t.hi, t.zero_point);
  auto* out = static_cast<int8_t*>(t.out);
  int64_t first = t.first * t.channels, last = t.last * t.channels;  // inside, in bytes from at[r]
  for (int64_t left = t.columns * t.channels; left > 0; left -= together * t.channels) {
    VI sums[kParts];
#pragma GCC unroll 4
    for (int q = 0; q < kParts; ++q) sums[q] = initial[q];
#pragma GCC unroll 4
    for (int kw = 0; kw < kTaps; ++kw) {
      const int64_t begin = first - kw * t.channels, end = last - kw * t.channels;
      CodeVector x[kGroup];
#pragma GCC unroll 4
      for (int r = 0; r < kGroup; ++r) {
        const std::byte* p = at[r] + kw * row_step[r];
        x[r] = load_between(p, begin, end, padding);
        if constexpr (kStride == 2) {
          const __m512i more = load_between(p + 64, begin - 64, end - 64, padding);
          x[r] = _mm512_permutex2var_epi32(x[r], columns, more);
        }
        x[r] = _mm512_xor_si512(x[r], flip);
      }
      const Group g = interleave(x);
#pragma GCC unroll 4
      for (int q = 0; q < kParts; ++q) {
        sums[q] = (VI)_mm512_dpbusd_epi32((__m512i)sums[q], g.part[q], weights[kw][q]);
      }
    }
    // What is stored beyond these columns the next ones' codes overwrite.
    store_block(narrow, out, sums, multiplier, left);
    out += together * t.channels;
    first -= step;
    last -= step;
#pragma GCC unroll 4
    for (int r = 0; r < kGroup; ++r) at[r] += t.row_steps[r] == 0 ? 0 : step;
  }
}

}  // namespace
}  // namespace fettle::runtime
