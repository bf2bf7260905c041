// SPDX-License-Identifier: Apache-2.0
//
// The loops around the micro-kernels, shared by products and convolutions: rows in blocks whose
// left side stays in the second-level cache, panels of columns within, tiles innermost. Blocks and
// groups of panels are the units that threads share out.
#pragma once

#include <algorithm>

#include "runtime/kernels/activation_f32/activation_f32.h"
#include "runtime/kernels/gemm_f32/panels_f32.h"

namespace fettle::runtime {

struct GemmWork {
  int64_t rows, panels;
  int64_t tile_rows;  // of a micro-kernel
  int64_t most_rows;  // of a block, unless a tile has more
  int64_t macs;
  int64_t weight_bytes;
  int64_t moved_bytes;  // of the left side and the result
};

// How rows and panels are cut for threads and caches. A unit is one block of rows by one group of
// panels; unit u is block u / groups and group u % groups.
struct GemmBlocks {
  int64_t rows = 0, tile_rows = 1, tiles = 0, blocks = 0;
  int64_t block_rows = 0;  // of the highest block
  int64_t panels = 0, groups = 0;
  int64_t units() const { return blocks * groups; }
  int64_t row_begin(int64_t block) const { return block * tiles / blocks * tile_rows; }
  int64_t row_end(int64_t block) const { return std::min(rows, row_begin(block + 1)); }
  // How to cut `count` rows alone into blocks of even height, none higher than block_rows.
  int64_t even_step(int64_t count) const {
    const int64_t blocks_of_them = (count + block_rows - 1) / block_rows;
    return (count + blocks_of_them - 1) / std::max<int64_t>(1, blocks_of_them);
  }
  int64_t panel_begin(int64_t group) const { return group * panels / groups; }
  int64_t panel_end(int64_t group) const { return (group + 1) * panels / groups; }

  // row_bytes: what a row of the left side takes in the cache. max_rows bounds a block.
  // Even blocks of whole tiles, and units that threads can share evenly.
  static GemmBlocks cut(const GemmWork& work, int threads);
  static GemmBlocks plan(const PanelsF32& panels, int64_t rows, int64_t row_bytes, int64_t max_rows,
                         int threads);
};

// One product: everything that stays the same over its tiles.
struct GemmJob {
  const PanelsF32* panels;
  const float* packed;
  int64_t taps, depth;
  float* out;  // row m, column n at out[m * out_stride + n]
  int64_t out_stride;
  const float* residual;  // strides as out, may be out; null: none
  Activation activation;
  ActivationF32Fn activate;
  // Rows of a tap that point here are zeros; a tap whose rows all do is left out of a tile. Null:
  // not looked for. Only with more than one tap.
  const float* padding = nullptr;
};

// Computes rows [begin, end) of panels [first, last). The pointer to row m, tap t is
// row_pointers[t * row_step + m - begin].
void run_gemm_block(const GemmJob& job, int64_t begin, int64_t end, int64_t first, int64_t last,
                    const float* const* row_pointers, int64_t row_step);

}  // namespace fettle::runtime
