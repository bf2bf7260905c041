// SPDX-License-Identifier: Apache-2.0
//
// The right side of a product, packed: columns cut into panels as wide as the micro-kernels, each
// panel its bias and then its columns row by row, so that a tile reads it from end to end.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/kernels/gemm_f32/gemm_f32.h"

namespace fettle::runtime {

struct PanelF32 {
  int64_t column = 0;  // first
  int columns = 0;     // in use; the rest of the width is zeros
  const GemmF32MicroKernel* kernel = nullptr;
  size_t bias = 0, weights = 0;  // offsets into the packed floats
};

struct PanelsF32 {
  int64_t columns = 0, depth = 0;
  std::vector<PanelF32> panels;
  size_t floats = 0;  // of the packed form

  // The cheapest cut of `columns` by the kernels' costs, wide panels first.
  static PanelsF32 plan(const GemmF32& kernels, int64_t columns, int64_t depth);
  // packed <- weight(k, n) = weights[k * depth_stride + n * column_stride]; bias may be null.
  // `packed` must hold zeros wherever a panel is wider than its columns.
  void pack(const float* weights, int64_t depth_stride, int64_t column_stride, const float* bias,
            float* packed) const;
  // The same for panels [first, last) alone, writing the zeros too.
  void pack_some(const float* weights, int64_t depth_stride, int64_t column_stride, int64_t first,
                 int64_t last, float* packed) const;
};

}  // namespace fettle::runtime
