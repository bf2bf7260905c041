// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of pools and reductions of 8-bit codes: windows over channels-last images,
// vectors across channels. Sums are exact: 16 bits hold 256 codes, 32 bits what those add up to.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// How many taps a sum may have in 32 bits, whatever the zero point.
inline constexpr int64_t kMostPoolI8Taps = (int64_t{1} << 31) / 256 - 1;

// Over kh < taps_h, kw < taps_w, for j < columns, c < channels:
//   code(j, kh, kw, c) = in[j * in_step + kh * in_row_step + kw * in_column_step + c]
//   sum:      out[j * out_step + c] = requantize(initial + sum of codes, multiplier)
//             or, where `sums` is given, sums[c] = initial + sum of codes, of one column
//   max, min: out[j * out_step + c] = the largest, the least
// Without taps a sum is `initial`, the largest -128, the least 127.
struct PoolI8Windows {
  const int8_t* in;
  int64_t in_step, in_row_step, in_column_step;
  int64_t taps_h, taps_w;
  int8_t* out;
  int32_t* sums;
  int64_t out_step;
  int64_t columns, channels;
  int32_t initial;
  float multiplier;
  float lo, hi;  // bounds before the zero point is added
  int32_t zero_point;
};
using PoolI8WindowsFn = void (*)(const PoolI8Windows& windows);

enum class PoolI8Join : uint8_t { sum, max, min };
inline constexpr int kPoolI8Joins = 3;

// y[i] = the largest of x[i + r * row_step] over r < rows, for i < n; rows at least 1.
using PoolI8LargestRowFn = void (*)(const int8_t* x, int64_t row_step, int64_t rows, int8_t* y,
                                    int64_t n);
// Over t < taps (at least 1), for j < columns, c < channels:
//   out[j * channels + c] = the largest of in[j * in_step + t * tap_step + c]
// May read kPoolI8Slack codes past any place it reads.
struct PoolI8Columns {
  const int8_t* in;
  int64_t in_step, tap_step;
  int64_t taps;
  int8_t* out;
  int64_t columns, channels;
};
using PoolI8LargestColumnsFn = void (*)(const PoolI8Columns& columns);
inline constexpr int64_t kPoolI8Slack = 64;

struct PoolI8 {
  PoolI8WindowsFn windows[kPoolI8Joins];  // by PoolI8Join
  // The largest one axis at a time: rows fill vectors whatever the number of channels.
  PoolI8LargestRowFn largest_row;
  PoolI8LargestColumnsFn largest_columns;
  // The sum of n codes.
  int32_t (*row_sum)(const int8_t* x, int64_t n);
};

// The best that runs on `isa`.
const PoolI8& pool_i8(Isa isa);

}  // namespace fettle::runtime
