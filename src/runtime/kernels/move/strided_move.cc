// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/strided_move.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "runtime/kernels/gemm_f32/gemm_blocks.h"

namespace fettle::runtime {

namespace {
constexpr int64_t kTileBytes = 8192;
constexpr int64_t kWorthThreads = 1 << 16;  // bytes

// Four rows of four, both sides contiguous along one axis each.
typedef uint32_t Four __attribute__((vector_size(16)));
typedef uint32_t LooseFour __attribute__((vector_size(16), aligned(4), may_alias));
void transpose_four(const uint32_t* from, int64_t from_step, uint32_t* to, int64_t to_step) {
  const auto row = [&](int i) -> Four {
    return *reinterpret_cast<const LooseFour*>(from + i * from_step);
  };
  const Four a = row(0), b = row(1), c = row(2), d = row(3);
  const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Four CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const auto put = [&](int i, Four v) { *reinterpret_cast<LooseFour*>(to + i * to_step) = v; };
  put(0, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
  put(1, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
  put(2, __builtin_shufflevector(AB, CD, 0, 1, 4, 5));
  put(3, __builtin_shufflevector(AB, CD, 2, 3, 6, 7));
}

// Three planes into pixels of three, four pixels at a time: pictures on their way in.
void interleave_three(const uint32_t* from, int64_t plane, uint32_t* to, int64_t pixels) {
  const auto put = [&](int64_t i, Four v) { *reinterpret_cast<LooseFour*>(to + i) = v; };
  for (int64_t i = 0; i < pixels; i += 4, from += 4, to += 12) {
    const Four a = *reinterpret_cast<const LooseFour*>(from);
    const Four b = *reinterpret_cast<const LooseFour*>(from + plane);
    const Four c = *reinterpret_cast<const LooseFour*>(from + 2 * plane);
    const Four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);  // a0 b0 a1 b1
    const Four bc = __builtin_shufflevector(b, c, 1, 5, 2, 6);  // b1 c1 b2 c2
    const Four ca = __builtin_shufflevector(c, a, 2, 7, 3, 7);  // c2 a3 c3 a3
    put(0, __builtin_shufflevector(ab, c, 0, 1, 4, 2));
    put(4, __builtin_shufflevector(bc, a, 0, 1, 6, 2));
    put(8, __builtin_shufflevector(ca, b, 0, 1, 7, 2));
  }
}

// The same of bytes, in words of four whose first is the lowest.
void interleave_three(const uint8_t* from, int64_t plane, uint8_t* to, int64_t pixels) {
  static_assert(std::endian::native == std::endian::little);
  const auto load = [](const uint8_t* p) {
    uint32_t word;
    std::memcpy(&word, p, sizeof word);
    return word;
  };
  for (int64_t i = 0; i < pixels; i += 4, from += 4, to += 12) {
    const uint32_t a = load(from), b = load(from + plane), c = load(from + 2 * plane);
    const uint32_t first = (a & 0xff) | (b & 0xff) << 8 | (c & 0xff) << 16 | (a & 0xff00) << 16;
    const uint32_t second = (b >> 8 & 0xff) | (c & 0xff00) | (a & 0xff0000) | (b & 0xff0000) << 8;
    const uint32_t third =
        (c >> 16 & 0xff) | (a >> 16 & 0xff00) | (b >> 8 & 0xff0000) | (c & 0xff000000);
    // Each by itself: a wider move would wait for all three.
    std::memcpy(to, &first, 4);
    std::memcpy(to + 4, &second, 4);
    std::memcpy(to + 8, &third, 4);
  }
}

template <class T>
void copy_plain(const T* from, T* to, const MoveAxis& rows, const MoveAxis& columns) {
  for (int64_t r = 0; r < rows.extent; ++r) {
    const T* p = from + r * rows.from_step;
    T* q = to + r * rows.to_step;
    for (int64_t c = 0; c < columns.extent; ++c) q[c * columns.to_step] = p[c * columns.from_step];
  }
}

template <class T>
void copy_tile(const T* from, T* to, MoveAxis rows, MoveAxis columns) {
  if (columns.from_step == 1 && columns.to_step == 1) {
    const size_t bytes = static_cast<size_t>(columns.extent) * sizeof(T);
    for (int64_t r = 0; r < rows.extent; ++r) {
      std::memcpy(to + r * rows.to_step, from + r * rows.from_step, bytes);
    }
    return;
  }
  if constexpr (sizeof(T) == 4 || sizeof(T) == 1) {
    if (rows.from_step == 1 && rows.to_step == 3 && columns.to_step == 1 && columns.extent == 3) {
      const int64_t r4 = rows.extent / 4 * 4;
      interleave_three(from, columns.from_step, to, r4);
      from += r4;
      to += 3 * r4;
      rows.extent -= r4;
    }
  }
  if constexpr (sizeof(T) == 4) {
    if (rows.from_step == 1 && columns.to_step == 1) {
      const int64_t r4 = rows.extent / 4 * 4, c4 = columns.extent / 4 * 4;
      for (int64_t r = 0; r < r4; r += 4) {
        for (int64_t c = 0; c < c4; c += 4) {
          transpose_four(from + r + c * columns.from_step, columns.from_step,
                         to + r * rows.to_step + c, rows.to_step);
        }
      }
      const MoveAxis most = {r4, 1, rows.to_step};
      const MoveAxis edge = {columns.extent - c4, columns.from_step, 1};
      copy_plain(from + c4 * columns.from_step, to + c4, edge, most);
      from += r4;
      to += r4 * rows.to_step;
      rows.extent -= r4;
    }
  }
  if (columns.extent < rows.extent) std::swap(rows, columns);  // the inner loop is the longer
  copy_plain(from, to, rows, columns);
}
}  // namespace

StridedMove::StridedMove(const Move& move, size_t element_bytes)
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
  while (count_ < 2) {  // an axis of one element in front
    std::copy_backward(axis_, axis_ + count_, axis_ + count_ + 1);
    axis_[0] = {1, 1, 1};
    ++count_;
  }
  MoveAxis& columns = axis_[count_ - 1];
  MoveAxis& rows = axis_[count_ - 2];
  if (columns.from_step != 1) {  // a transposition reads along what is contiguous there
    for (int i = 0; i < count_ - 2; ++i) {
      if (axis_[i].from_step == 1) std::swap(axis_[i], rows);
    }
  }
  for (int i = 0; i < count_ - 2; ++i) outer_ *= axis_[i].extent;
  const int64_t tile = kTileBytes / static_cast<int64_t>(element_bytes_);
  if (columns.from_step == 1 && columns.to_step == 1) {
    tile_columns_ = std::min(columns.extent, 4 * tile);
    tile_rows_ = std::max<int64_t>(1, 4 * tile / tile_columns_);
  } else {  // as square as the plane allows
    tile_rows_ = std::min<int64_t>(rows.extent, 32);
    tile_columns_ = std::min(columns.extent, tile / tile_rows_);
    tile_rows_ = std::max<int64_t>(1, tile / tile_columns_);
  }
  row_tiles_ = (rows.extent + tile_rows_ - 1) / tile_rows_;
  column_tiles_ = (columns.extent + tile_columns_ - 1) / tile_columns_;
}

template <class T>
void StridedMove::run_units(const T* from, T* to, int64_t first, int64_t last) const {
  const MoveAxis &columns = axis_[count_ - 1], &rows = axis_[count_ - 2];
  for (int64_t u = first; u < last; ++u) {
    const int64_t c = u % column_tiles_ * tile_columns_;
    const int64_t r = u / column_tiles_ % row_tiles_ * tile_rows_;
    int64_t rest = u / column_tiles_ / row_tiles_;
    const T* p = from + from_ + r * rows.from_step + c * columns.from_step;
    T* q = to + to_ + r * rows.to_step + c * columns.to_step;
    for (int i = count_ - 3; i >= 0; --i) {
      const int64_t index = rest % axis_[i].extent;
      rest /= axis_[i].extent;
      p += index * axis_[i].from_step;
      q += index * axis_[i].to_step;
    }
    copy_tile(p, q, {std::min(tile_rows_, rows.extent - r), rows.from_step, rows.to_step},
              {std::min(tile_columns_, columns.extent - c), columns.from_step, columns.to_step});
  }
}

void StridedMove::run(const void* from, void* to, ThreadPool& pool) const {
  const int64_t units = outer_ * row_tiles_ * column_tiles_;
  const int64_t bytes = units * tile_rows_ * tile_columns_ * static_cast<int64_t>(element_bytes_);
  const int64_t pieces = pieces_of(units, bytes < kWorthThreads ? 1 : pool.threads());
  pool.parallel_for(pieces, 1, [&](int64_t begin, int64_t end, int) {
    const int64_t first = piece_begin(units, pieces, begin);
    const int64_t last = piece_begin(units, pieces, end);
    const auto run_as = [&]<class T>(T) {
      run_units(static_cast<const T*>(from), static_cast<T*>(to), first, last);
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
  });
}

}  // namespace fettle::runtime
