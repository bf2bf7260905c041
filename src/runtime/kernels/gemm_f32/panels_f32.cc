// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/panels_f32.h"

#include <algorithm>
#include <cstring>

namespace fettle::runtime {

namespace {
size_t align16(size_t floats) { return (floats + 15) / 16 * 16; }
}  // namespace

PanelsF32 PanelsF32::plan(const GemmF32& kernels, int64_t columns, int64_t depth) {
  PanelsF32 p;
  p.columns = columns;
  p.depth = depth;
  const int unit = kernels.kernels[0].nr;
  const int widest = kernels.kernels[kernels.count - 1].nr / unit;
  int64_t left = (columns + unit - 1) / unit;
  std::vector<int> widths;  // in units
  // All but the last few panels are the widest; the rest by dynamic programming.
  for (; left > 4 * widest; left -= widest) widths.push_back(widest);
  std::vector<float> best(left + 1, 0);
  std::vector<int> choice(left + 1, 0);
  for (int64_t n = 1; n <= left; ++n) {
    best[n] = 1e30F;
    for (int i = 0; i < kernels.count; ++i) {
      const int w = kernels.kernels[i].nr / unit;
      const int64_t rest = std::max<int64_t>(0, n - w);
      const float cost = best[rest] + kernels.kernels[i].cost;
      if (cost < best[n]) {
        best[n] = cost;
        choice[n] = w;
      }
    }
  }
  const size_t fixed = widths.size();
  for (int64_t n = left; n > 0; n -= choice[n]) widths.push_back(choice[n]);
  std::sort(widths.begin() + fixed, widths.end(), std::greater<int>());
  int64_t column = 0;
  for (const int w : widths) {
    const int width = w * unit;
    PanelF32 panel;
    panel.column = column;
    panel.columns = static_cast<int>(std::min<int64_t>(width, columns - column));
    panel.kernel = &kernels.of_width(width);
    panel.bias = p.floats;
    panel.weights = p.floats + align16(width);
    p.floats = align16(panel.weights + static_cast<size_t>(width) * depth);
    p.panels.push_back(panel);
    column += width;
  }
  return p;
}

void PanelsF32::pack(const float* weights, int64_t depth_stride, int64_t column_stride,
                     const float* bias, float* packed) const {
  for (const PanelF32& panel : panels) {
    if (bias != nullptr) {
      std::memcpy(packed + panel.bias, bias + panel.column, panel.columns * sizeof(float));
    }
    for (int n = 0; n < panel.columns; ++n) {
      const float* from = weights + (panel.column + n) * column_stride;
      float* to = packed + panel.weights + n;
      for (int64_t k = 0; k < depth; ++k) to[k * panel.kernel->nr] = from[k * depth_stride];
    }
  }
}

void PanelsF32::pack_some(const float* weights, int64_t depth_stride, int64_t column_stride,
                          int64_t first, int64_t last, float* packed) const {
  for (int64_t p = first; p < last; ++p) {
    const PanelF32& panel = panels[p];
    const int nr = panel.kernel->nr;
    std::memset(packed + panel.bias, 0, nr * sizeof(float));
    float* to = packed + panel.weights;
    for (int64_t k = 0; k < depth; ++k, to += nr) {
      const float* from = weights + k * depth_stride + panel.column * column_stride;
      for (int n = 0; n < panel.columns; ++n) to[n] = from[n * column_stride];
      for (int n = panel.columns; n < nr; ++n) to[n] = 0;
    }
  }
}

}  // namespace fettle::runtime
