// SPDX-License-Identifier: Apache-2.0
//
// A block of elements moved between two layouts, over all threads: contiguous stretches as copies
// of bytes, transpositions in tiles that the first-level cache keeps on both sides.
#pragma once

#include <cstddef>

#include "base/dims.h"
#include "runtime/kernels/move/tile_kernels.h"
#include "runtime/thread_pool.h"

namespace fettle::runtime {

struct MoveAxis {
  int64_t extent, from_step, to_step;  // steps in elements; from_step may be negative or 0
};

// Which operand goes where in which result, and the axes of the block, outermost first.
struct Move {
  size_t in = 0, out = 0;
  int64_t from = 0, to = 0;  // offset of the block's first element
  int count = 0;
  MoveAxis axis[kMaxRank + 1] = {};

  void add(int64_t extent, int64_t from_step, int64_t to_step) {
    axis[count++] = {extent, from_step, to_step};
  }
};

// A move brought to its least axes, and cut into units of work.
class StridedMove {
 public:
  // element_bytes: 1, 2, 4 or 8. No extent is 0.
  StridedMove(const Move& move, size_t element_bytes, Isa isa);
  void run(const void* from, void* to, ThreadPool& pool) const;
  void run_alone(const void* from, void* to) const;  // on the calling thread

  size_t in, out;

 private:
  void widen();
  int64_t units() const;
  void run_some(const void* from, void* to, int64_t begin, int64_t end) const;
  template <class T>
  void run_units(const T* from, T* to, int64_t first, int64_t last) const;

  size_t element_bytes_;
  const TileKernels* kernels_ = nullptr;
  int64_t from_, to_;
  // The last two are a plane, walked in tiles, or several of them along the third where planes are
  // small; the others are walked around it.
  int count_ = 0;
  MoveAxis axis_[kMaxRank + 1] = {};
  int64_t outer_ = 1;  // turns around all blocks
  int64_t tile_blocks_ = 1, tile_rows_ = 1, tile_columns_ = 1;
  int64_t block_tiles_ = 1, row_tiles_ = 1, column_tiles_ = 1;
};

}  // namespace fettle::runtime
