// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/strided_move.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/kernels/move/copy_rows.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kTileBytes = 8192;
constexpr int64_t kWorthThreads = 1 << 16;  // bytes

template <class T>
void copy_plain(const T* from, T* to, const MoveAxis& rows, const MoveAxis& columns) {
  for (int64_t r = 0; r < rows.extent; ++r) {
    const T* p = from + r * rows.from_step;
    T* q = to + r * rows.to_step;
    for (int64_t c = 0; c < columns.extent; ++c) {
      std::memcpy(q + c * columns.to_step, p + c * columns.from_step, sizeof(T));
    }
  }
}

// The index of a kernel for so many parts; -1: there is none.
int parts_index(int64_t parts) {
  return parts >= kLeastParts && parts <= kMostParts ? static_cast<int>(parts) - kLeastParts : -1;
}

// Columns of a few elements that come from planes, the other axis running through both.
bool is_interleaved(const MoveAxis& rows, const MoveAxis& columns) {
  return rows.from_step == 1 && columns.to_step == 1 && rows.to_step == columns.extent &&
         parts_index(columns.extent) >= 0;
}

template <class T>
void copy_tile(const TileKernels& kernels, const T* from, T* to, const MoveAxis& blocks,
               MoveAxis rows, MoveAxis columns) {
  if (is_interleaved(rows, columns)) {
    return kernels.interleave[parts_index(columns.extent)]({from, to, rows.extent,
                                                            columns.from_step, blocks.extent,
                                                            blocks.from_step, blocks.to_step});
  }
  const bool copied = columns.from_step == 1 && columns.to_step == 1;
  const bool transposed = rows.from_step == 1 && columns.to_step == 1;
  const int every = columns.to_step == 1 ? parts_index(columns.from_step) : -1;
  if (!copied && !transposed && every < 0 && columns.extent < rows.extent) {
    std::swap(rows, columns);  // the inner loop is the longer
  }
  for (int64_t b = 0; b < blocks.extent; ++b) {
    const T* p = from + b * blocks.from_step;
    T* q = to + b * blocks.to_step;
    if (copied) {
      constexpr auto kBytes = static_cast<int64_t>(sizeof(T));
      copy_rows(p, rows.from_step * kBytes, q, rows.to_step * kBytes, rows.extent,
                columns.extent * kBytes);
    } else if (every >= 0) {
      for (int64_t r = 0; r < rows.extent; ++r) {
        kernels.take_every[every](p + r * rows.from_step, q + r * rows.to_step, columns.extent);
      }
    } else if (transposed) {
      kernels.transpose({p, q, columns.extent, columns.from_step, rows.extent, rows.to_step});
    } else {
      copy_plain(p, q, rows, columns);
    }
  }
}
}  // namespace

StridedMove::StridedMove(const Move& move, size_t element_bytes, Isa isa)
    : in(move.in), out(move.out), element_bytes_(element_bytes), from_(move.from), to_(move.to) {
  for (int i = 0; i < move.count; ++i) {
    const MoveAxis& a = move.axis[i];
    if (a.extent == 1) continue;
    MoveAxis* last = count_ > 0 ? &axis_[count_ - 1] : nullptr;
    if (last != nullptr && last->from_step == a.from_step * a.extent &&
        last->to_step == a.to_step * a.extent) {
      *last = {last->extent * a.extent, a.from_step, a.to_step};
    } else {
      axis_[count_++] = a;
    }
  }
  widen();
  kernels_ = &tile_kernels(isa, element_bytes_);
  while (count_ < 3) {  // an axis of one element in front
    std::copy_backward(axis_, axis_ + count_, axis_ + count_ + 1);
    axis_[0] = {1, 0, 0};
    ++count_;
  }
  const MoveAxis& columns = axis_[count_ - 1];
  MoveAxis& rows = axis_[count_ - 2];
  MoveAxis& blocks = axis_[count_ - 3];
  if (columns.from_step != 1) {  // a transposition reads along what is contiguous there
    for (int i = 0; i < count_ - 2; ++i) {
      if (axis_[i].from_step == 1) std::swap(axis_[i], rows);
    }
  }
  for (int i = 0; i < count_ - 3; ++i) outer_ *= axis_[i].extent;
  const int64_t tile = kTileBytes / static_cast<int64_t>(element_bytes_);
  if (columns.from_step == 1 && columns.to_step == 1) {
    tile_columns_ = std::min(columns.extent, 4 * tile);
    tile_rows_ = std::clamp<int64_t>(4 * tile / tile_columns_, 1, rows.extent);
  } else {  // as square as the plane allows
    tile_rows_ = std::min<int64_t>(rows.extent, 32);
    tile_columns_ = std::min(columns.extent, tile / tile_rows_);
    tile_rows_ = std::clamp<int64_t>(tile / tile_columns_, 1, rows.extent);
  }
  tile_blocks_ = std::clamp<int64_t>(tile / (tile_rows_ * tile_columns_), 1, blocks.extent);
  block_tiles_ = (blocks.extent + tile_blocks_ - 1) / tile_blocks_;
  row_tiles_ = (rows.extent + tile_rows_ - 1) / tile_rows_;
  column_tiles_ = (columns.extent + tile_columns_ - 1) / tile_columns_;
}

// Neighbours that always move together, a box's corner or a pixel of four bytes, are one element.
void StridedMove::widen() {
  if (count_ < 2) return;
  const MoveAxis last = axis_[count_ - 1];
  const int64_t n = last.extent;
  const int64_t bytes = n * static_cast<int64_t>(element_bytes_);
  if (last.from_step != 1 || last.to_step != 1 || (bytes != 2 && bytes != 4 && bytes != 8)) return;
  const auto divides = [&](const MoveAxis& a) {
    return a.from_step % n == 0 && a.to_step % n == 0;
  };
  if (from_ % n != 0 || to_ % n != 0 || !std::all_of(axis_, axis_ + count_ - 1, divides)) return;
  element_bytes_ = static_cast<size_t>(bytes);
  from_ /= n;
  to_ /= n;
  --count_;
  for (int i = 0; i < count_; ++i) {
    axis_[i].from_step /= n;
    axis_[i].to_step /= n;
  }
}

template <class T>
void StridedMove::run_units(const T* from, T* to, int64_t first, int64_t last) const {
  const MoveAxis &columns = axis_[count_ - 1], &rows = axis_[count_ - 2];
  const MoveAxis& blocks = axis_[count_ - 3];
  for (int64_t u = first; u < last; ++u) {
    const int64_t c = u % column_tiles_ * tile_columns_;
    int64_t rest = u / column_tiles_;
    const int64_t r = rest % row_tiles_ * tile_rows_;
    rest /= row_tiles_;
    const int64_t b = rest % block_tiles_ * tile_blocks_;
    rest /= block_tiles_;
    const T* p = from + from_ + b * blocks.from_step + r * rows.from_step + c * columns.from_step;
    T* q = to + to_ + b * blocks.to_step + r * rows.to_step + c * columns.to_step;
    for (int i = count_ - 4; i >= 0; --i) {
      const int64_t index = rest % axis_[i].extent;
      rest /= axis_[i].extent;
      p += index * axis_[i].from_step;
      q += index * axis_[i].to_step;
    }
    copy_tile(*kernels_, p, q,
              {std::min(tile_blocks_, blocks.extent - b), blocks.from_step, blocks.to_step},
              {std::min(tile_rows_, rows.extent - r), rows.from_step, rows.to_step},
              {std::min(tile_columns_, columns.extent - c), columns.from_step, columns.to_step});
  }
}

void StridedMove::run_some(const void* from, void* to, int64_t begin, int64_t end) const {
  const auto run_as = [&]<class T>(T) {
    run_units(static_cast<const T*>(from), static_cast<T*>(to), begin, end);
  };
  switch (element_bytes_) {
    case 1:
      return run_as(uint8_t{});
    case 2:
      return run_as(uint16_t{});
    case 4:
      return run_as(uint32_t{});
    default:
      return run_as(uint64_t{});
  }
}

int64_t StridedMove::units() const { return outer_ * block_tiles_ * row_tiles_ * column_tiles_; }

void StridedMove::run_alone(const void* from, void* to) const { run_some(from, to, 0, units()); }

void StridedMove::run(const void* from, void* to, ThreadPool& pool) const {
  const int64_t bytes =
      units() * tile_blocks_ * tile_rows_ * tile_columns_ * static_cast<int64_t>(element_bytes_);
  pool.parallel_for(units(), bytes < kWorthThreads ? units() : 1,
                    [&](int64_t begin, int64_t end, int) { run_some(from, to, begin, end); });
}

}  // namespace fettle::runtime
