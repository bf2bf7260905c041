// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of integer depthwise convolution: a few neighbouring output columns of one row,
// in blocks of channels. Kernel rows are taken in groups: the codes of a group's rows at one input
// column are interleaved once, channel by channel, and then multiplied and added, all rows at a
// time, into every output column that they reach.
//
// With 8-bit dot products a group is four rows and a block 64 channels. NEON takes 8-bit codes as
// they are, one row to a group. Otherwise, and where weights have zero points, codes are widened to
// 16 bits where they have 8, with two rows (one on Arm) to a group. Interleaving leaves a
// block's channels in an order of its own, which what is packed for them follows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"
#include "runtime/kernels/sum_form.h"

namespace fettle::runtime {

inline constexpr int kMaxDepthwiseI8Group = 4;

// out[j][c] = requantize(initial[c] + sum over rows r, kw < taps_w of
//                 row r's column (j * stride + kw * dilation) * weight, multiplier[c])
//
// packed: for each block of channels, int32 initial[lanes], float multiplier[lanes], of 16-bit
// codes double base[lanes], with float_sums float offset_of(multiplier)[lanes], then the weights
// [row group][taps_w][halves][lanes][group]. Rows past the last have weights of zero. With two
// halves sums begin at `base`, else at `initial`.
struct DepthwiseI8Tile {
  // [row_groups * group]: each input row's first column and the bytes between columns; a row of
  // padding has step 0. The tile's column 0 is column `left`, which may be outside.
  const std::byte* const* rows;
  const int64_t* row_steps;
  int64_t row_groups;
  int64_t left;
  // Columns [first, last) are inside; the others are not read and stand for `in_zero_point`.
  int64_t first, last;
  int32_t in_zero_point;
  int64_t taps_w, dilation;  // for the general kernel
  const std::byte* packed;
  void* out;         // codes
  int64_t out_step;  // codes between columns
  int64_t columns;   // of the output, for kernels of few channels
  int64_t channels;
  int64_t last_block;  // no block begins at a later channel: the last one may overlap another
  SumForm form;        // not `integer` only where kernels have float_sums
  float lo, hi;
  int32_t zero_point;
};

using DepthwiseI8Fn = void (*)(const DepthwiseI8Tile& tile);

inline constexpr int kDepthwiseI8Columns = 4;

struct DepthwiseI8 {
  const char* name;
  Isa isa;
  int lanes, group;
  int weight_bytes;       // of an element
  int code_bytes;         // of activations and results
  int halves;             // elements of a weight
  int activation_flip;    // added to each code within the kernel, known to `initial`
  int run;                // channels that stay neighbours when a block is interleaved
  bool joins_taps;        // in 16 bits, but in `general`: exact where no weight is -128
  bool float_sums;        // takes sums of every form
  DepthwiseI8Fn general;  // one column
  // [stride - 1][columns - 1], without dilation across; null where there are none, and of fewer
  // columns than the fewest that pay
  DepthwiseI8Fn wide3[2][kDepthwiseI8Columns];
  DepthwiseI8Fn wide5[2][kDepthwiseI8Columns];
  // [stride - 1]: any number of columns; kernels of at most 4 x 3 without dilation across. A block
  // is as many columns as it holds, with all their channels: at most half a block, with stride 2 a
  // multiple of 4. Padding rows are two blocks long. Null where there are none.
  DepthwiseI8Fn few[2] = {};

  // Of a block, for each lane.
  int header_bytes() const { return code_bytes != 1 ? 16 : float_sums ? 12 : 8; }
  // The channel of a block at place p of its packed order.
  int channel_at(int p) const;
};

// The best that runs on `isa`.
const DepthwiseI8& depthwise_i8(Isa isa, bool symmetric_weights);
// Of 16-bit activations; wide_sums where 32 bits might not hold them.
const DepthwiseI8& depthwise_i16(Isa isa, bool wide_sums);

}  // namespace fettle::runtime
