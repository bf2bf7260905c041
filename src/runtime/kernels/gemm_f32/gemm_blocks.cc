// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/gemm_blocks.h"

#include <cstring>

#include "runtime/kernels/move/copy_rows.h"

namespace fettle::runtime {

namespace {
// Halves of the second-level caches of the smallest cores that these sizes are meant for.
constexpr int64_t kLeftBytes = 192 << 10;
constexpr int64_t kPanelBytes = 256 << 10;
constexpr int64_t kRowsBytes = 128 << 10;
// Half of the first-level cache.
constexpr int64_t kNearBytes = 16 << 10;
// Threads that are as fast as one another end together within half of a unit.
constexpr int64_t kUnitsPerThread = 16;
// A unit that is worth finding its rows for.
constexpr int64_t kUnitMacs = 256 << 10;
constexpr int kMaxTileFloats = 16 * 48;
constexpr int64_t kFloat = sizeof(float);

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// A tile of a panel that is wider than its columns goes through memory of our own.
void run_partial(const PanelF32& panel, GemmF32Tile tile, int rows) {
  float own[kMaxTileFloats];
  const int nr = panel.kernel->nr;
  float* out = tile.out;
  const int64_t out_step = tile.out_stride * kFloat, own_step = nr * kFloat;
  const int64_t bytes = panel.columns * kFloat;
  if (tile.residual != nullptr) {
    std::memset(own, 0, static_cast<size_t>(rows) * nr * sizeof(float));
    copy_rows(tile.residual, tile.residual_stride * kFloat, own, own_step, rows, bytes);
    tile.residual = own;
    tile.residual_stride = nr;
  }
  tile.out = own;
  tile.out_stride = nr;
  panel.kernel->fn[rows - 1](tile);
  copy_rows(own, own_step, out, out_step, rows, bytes);
}
}  // namespace

GemmBlocks GemmBlocks::cut(const GemmWork& work, int threads) {
  GemmBlocks b;
  b.rows = work.rows;
  b.panels = work.panels;
  b.tile_rows = work.tile_rows;
  b.tiles = ceil_div(b.rows, b.tile_rows);
  const int64_t most_tiles = std::max<int64_t>(1, work.most_rows / b.tile_rows);
  b.blocks = ceil_div(b.tiles, most_tiles);
  b.groups = 1;
  if (threads > 1) {
    const auto even = [&](int64_t blocks) {
      return std::min(b.tiles, ceil_div(blocks, threads) * threads);
    };
    // Each thread its own rows, which it finds in its caches if it made them in the loop before;
    // but weights that are larger than all rows should not go to every thread.
    if (work.weight_bytes <= work.moved_bytes) b.blocks = even(b.blocks);
    const int64_t wanted =
        std::clamp<int64_t>(work.macs / kUnitMacs, int64_t{2} * threads, kUnitsPerThread * threads);
    // Columns first: it costs only finding the rows again. Then smaller blocks.
    if (b.blocks < wanted) b.groups = std::min(b.panels, ceil_div(wanted, b.blocks));
    if (b.units() < wanted) b.blocks = even(ceil_div(wanted, b.groups));
  }
  b.block_rows = ceil_div(b.tiles, b.blocks) * b.tile_rows;
  return b;
}

GemmBlocks GemmBlocks::plan(const PanelsF32& panels, int64_t rows, int64_t row_bytes,
                            int64_t max_rows, int threads) {
  const auto count = static_cast<int64_t>(panels.panels.size());
  const int mr = panels.panels[0].kernel->mr;
  const int64_t packed = static_cast<int64_t>(panels.floats) * 4;
  int64_t block = kLeftBytes / std::max<int64_t>(1, row_bytes);
  // Weights that stay near are cheap to read again: then blocks are small, so that the output is
  // written in order and is still near for its last panel.
  if (count > 1 && packed <= kNearBytes) {
    block = 0;
  } else if (count > 1 && packed <= kPanelBytes) {
    block = kRowsBytes / (row_bytes + panels.columns * 4);
  }
  return cut({.rows = rows,
              .panels = count,
              .tile_rows = mr,
              .most_rows = std::min(std::max<int64_t>(block, 4 * mr), max_rows),
              .macs = rows * static_cast<int64_t>(panels.floats),
              .weight_bytes = packed,
              .moved_bytes = rows * (row_bytes + panels.columns * kFloat)},
             threads);
}

namespace {
bool all_padding(const float* const* rows, int count, const float* padding) {
  for (int m = 0; m < count; ++m) {
    if (rows[m] != padding) return false;
  }
  return true;
}

void run_tile(const PanelF32& panel, const GemmF32Tile& tile, int rows) {
  if (panel.columns < panel.kernel->nr) {
    run_partial(panel, tile, rows);
  } else {
    panel.kernel->fn[rows - 1](tile);
  }
}

// A tile's taps in runs that leave out those that are padding for every row of the tile.
void run_between_padding(const GemmJob& job, const PanelF32& panel, const GemmF32Tile& whole,
                         int rows) {
  GemmF32Tile tile = whole;
  const int64_t tap_floats = job.depth * panel.kernel->nr;
  const auto is_padding = [&](int64_t t) {
    return all_padding(whole.rows + t * whole.row_step, rows, job.padding);
  };
  int64_t t = 0;
  while (t < whole.taps && is_padding(t)) ++t;
  do {
    const int64_t begin = t;
    while (t < whole.taps && !is_padding(t)) ++t;
    tile.taps = t - begin;  // none where all is padding: initial values and activation remain
    tile.rows = whole.rows + begin * whole.row_step;
    tile.panel = whole.panel + begin * tap_floats;
    while (t < whole.taps && is_padding(t)) ++t;
    const bool is_last = t >= whole.taps;
    tile.lo = is_last ? whole.lo : -__builtin_inff();
    tile.hi = is_last ? whole.hi : __builtin_inff();
    run_tile(panel, tile, rows);
    tile.init = tile.out;
    tile.init_stride = tile.out_stride;
    tile.residual = nullptr;
  } while (t < whole.taps);
}
}  // namespace

void run_gemm_block(const GemmJob& job, int64_t begin, int64_t end, int64_t first, int64_t last,
                    const float* const* row_pointers, int64_t row_step) {
  for (int64_t p = first; p < last; ++p) {
    const PanelF32& panel = job.panels->panels[p];
    const GemmF32MicroKernel& kernel = *panel.kernel;
    const bool partial = panel.columns < kernel.nr;
    // Depth is cut so that a slice of the panel stays in the cache over the rows of the block.
    int64_t tap_block = job.taps, depth_block = job.depth;
    const int64_t fits = kPanelBytes / (kernel.nr * int64_t{4});
    if (!partial && end - begin > kernel.mr && job.taps * job.depth > fits + fits / 2) {
      if (job.taps > 1) {
        tap_block = std::max<int64_t>(1, fits / job.depth);
        tap_block = ceil_div(job.taps, ceil_div(job.taps, tap_block));
      } else {
        depth_block = ceil_div(job.depth, ceil_div(job.depth, fits));
      }
    }
    for (int64_t tap = 0; tap < job.taps; tap += tap_block) {
      for (int64_t d = 0; d < job.depth; d += depth_block) {
        const bool is_first = tap == 0 && d == 0;
        const bool is_last = tap + tap_block >= job.taps && d + depth_block >= job.depth;
        GemmF32Tile tile;
        tile.row_step = row_step;
        tile.taps = std::min(tap_block, job.taps - tap);
        tile.depth_begin = d;
        tile.depth = std::min(depth_block, job.depth - d);
        tile.panel = job.packed + panel.weights + (tap * job.depth + d) * kernel.nr;
        tile.panel_skip = (job.depth - tile.depth) * kernel.nr;
        tile.residual_stride = job.out_stride;
        tile.out_stride = job.out_stride;
        tile.lo = is_last ? job.activation.clamp_lo() : -__builtin_inff();
        tile.hi = is_last ? job.activation.clamp_hi() : __builtin_inff();
        // The next slice lies behind this one.
        const int64_t floats = tile.taps * tile.depth * kernel.nr;
        AheadShares ahead(tile.panel + floats, floats * kFloat, ceil_div(end - begin, kernel.mr));
        for (int64_t m = begin; m < end;) {
          tile.ahead = ahead.take();
          // Tiles of even height: 12 rows by 8 are 6 and 6, not 8 and 4.
          const int rows = static_cast<int>(ceil_div(end - m, ceil_div(end - m, kernel.mr)));
          const int64_t at = m * job.out_stride + panel.column;
          tile.rows = row_pointers + tap * row_step + (m - begin);
          tile.out = job.out + at;
          tile.init = is_first ? job.packed + panel.bias : tile.out;
          tile.init_stride = is_first ? 0 : job.out_stride;
          // With the first slice: what it writes may lie where the residual did.
          tile.residual = is_first && job.residual != nullptr ? job.residual + at : nullptr;
          if (job.padding != nullptr && !partial) {
            run_between_padding(job, panel, tile, rows);
          } else {
            run_tile(panel, tile, rows);
          }
          if (is_last && !job.activation.is_clamp()) {
            job.activate(job.activation, tile.out, tile.out, rows, panel.columns, job.out_stride);
          }
          m += rows;
        }
      }
    }
  }
}

}  // namespace fettle::runtime
