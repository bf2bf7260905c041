// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of pools and reductions: windows over channels-last images, vectors across
// channels, and rows of neighbours joined into one number each. One function per instruction set
// and way of joining; a NaN goes through all of them. Sums are partial sums of rows first, so that
// rounding grows with the sides of a window, not with its area.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// out[j * out_step + c] = scale * join over kh < taps_h, kw < taps_w of
//     in[j * in_step + kh * in_row_step + kw * in_column_step + c]
// for j < columns, c < channels. Without taps: scale * what the join starts from.
struct PoolF32Windows {
  const float* in;
  int64_t in_step, in_row_step, in_column_step;
  int64_t taps_h, taps_w;
  float* out;
  int64_t out_step;
  int64_t columns, channels;
  float scale;
};
using PoolF32WindowsFn = void (*)(const PoolF32Windows& windows);

// out[r] = scale * join over i < length of in[r * length + i], for r < rows.
using PoolF32RowsFn = void (*)(const float* in, float* out, int64_t rows, int64_t length,
                               float scale);

enum class PoolF32Join : uint8_t { sum, max, min };
inline constexpr int kPoolF32Joins = 3;

struct PoolF32 {
  const char* name;
  Isa isa;
  PoolF32WindowsFn windows[kPoolF32Joins];  // by PoolF32Join
  PoolF32RowsFn rows[kPoolF32Joins];
};

// The best that runs on `isa`.
const PoolF32& pool_f32(Isa isa);

}  // namespace fettle::runtime
