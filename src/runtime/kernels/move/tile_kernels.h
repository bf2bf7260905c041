// SPDX-License-Identifier: Apache-2.0
//
// What moves the elements of a tile that is no copy: a transposition in general; rows of elements
// written in turn, a pixel's channels from their planes or a shuffle of channels; every few-th
// element taken out. Elements are words of 1, 2, 4 or 8 bytes, of any meaning and at any address.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// Steps and extents are in elements. Nothing past the last element is read or written.
struct Tile {
  const void* from;
  void* to;
  int64_t rows, from_row;  // to[to_row * c + r] = from[from_row * r + c]
  int64_t columns, to_row;
};
using TransposeFn = void (*)(const Tile& tile);

// to[parts * i + p] = from[from_part * p + i] for i < count and p < parts, `blocks` times.
struct Parts {
  const void* from;
  void* to;
  int64_t count, from_part;
  int64_t blocks, from_block, to_block;
};
using InterleaveFn = void (*)(const Parts& parts);

// to[i] = from[parts * i] for i < count.
using TakeEveryFn = void (*)(const void* from, void* to, int64_t count);

inline constexpr int kLeastParts = 2, kMostParts = 4;
struct TileKernels {
  TransposeFn transpose;
  InterleaveFn interleave[kMostParts - kLeastParts + 1];
  TakeEveryFn take_every[kMostParts - kLeastParts + 1];
};
// The best that run on `isa`.
const TileKernels& tile_kernels(Isa isa, size_t element_bytes);

}  // namespace fettle::runtime
