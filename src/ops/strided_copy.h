// SPDX-License-Identifier: Apache-2.0
//
// Moves a block of elements between two places that lay it out differently: what Transpose,
// Slice, Concat, Split, Expand, Tile and Pad all come to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/tensor.h"

namespace fettle::ops {

// One axis of the block: its extent, and how far the next element lies, in elements. A source
// step may be zero (repeat) or negative (reverse).
struct CopyAxis {
  int64_t extent, src_step, dst_step;
};
inline constexpr int kMaxCopyAxes = 2 * kMaxRank;

// Outermost axis first, at most kMaxCopyAxes. `src` and `dst` point at the block's first element.
void copy_strided(size_t element_bytes, const void* src, void* dst, std::span<const CopyAxis> axes);

// Fills n elements with the one at `value`.
void fill(size_t element_bytes, const void* value, void* dst, int64_t n);

}  // namespace fettle::ops
