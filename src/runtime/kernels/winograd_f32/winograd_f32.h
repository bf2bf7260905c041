// SPDX-License-Identifier: Apache-2.0
//
// The micro-kernels of Winograd convolution, 3x3 at stride 1: the transforms of one tile of input
// and of output, vectors across channels, and of weights. Between them stand the products of
// gemm_f32, one for each point of the transformed tile.
//
// Algorithm: Toom-Cook as by Lavin and Gray (2015). Tiles of 4x4 outputs take the points
// 0, +-1/sqrt(2), +-sqrt(2) and infinity, which lose about half as much precision as the usual
// 0, +-1, +-2; tiles of 2x2 outputs take 0, +-1 and infinity.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// A tile of e x e inputs makes (e - 2) x (e - 2) outputs; e is 6 or 4.

// out[p * plane + c] = point p (of e * e, row by row) of the transform of pixels[i * e + j][c].
struct WinogradF32Input {
  const float* const* pixels;  // e * e, each `channels` floats
  float* out;
  int64_t plane;
  int64_t channels;
};

// out[i * row_step + j * column_step + c] = clamp(bias[c] + residual (as out) + the transform of
// in[p * plane + c]) for i < rows, j < columns.
struct WinogradF32Output {
  const float* in;
  int64_t plane;
  const float* bias;
  const float* residual;  // null: none
  float* out;
  int64_t row_step, column_step;
  int rows, columns;
  int64_t channels;
  float lo, hi;
};

// One row of points of the transform of 3x3 weights taps[t * tap_plane + i] (t row by row):
// out[j * plane + i] = point j of e of it, for i < count. `row` is what the points of that row
// take of the weights' rows (kWinogradF32Of4, kWinogradF32Of2).
struct WinogradF32Weights {
  const float* taps;
  int64_t tap_plane;
  const double* row;
  float* out;
  int64_t plane;
  int64_t count;
};

// The transforms of 3x3 weights g into points G g G^T: G.
inline constexpr double kWinogradP = 0.70710678118654752, kWinogradQ = 1.41421356237309505;
inline constexpr double kWinogradF32Of4[6][3] = {{1, 0, 0},
                                                 {-2.0 / 3, -2.0 / 3 * kWinogradP, -1.0 / 3},
                                                 {-2.0 / 3, 2.0 / 3 * kWinogradP, -1.0 / 3},
                                                 {1.0 / 6, kWinogradQ / 6, 1.0 / 3},
                                                 {1.0 / 6, -kWinogradQ / 6, 1.0 / 3},
                                                 {0, 0, 1}};
inline constexpr double kWinogradF32Of2[4][3] = {
    {1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

struct WinogradF32Transforms {
  int edge;  // e
  void (*input)(const WinogradF32Input& tile);
  void (*output)(const WinogradF32Output& tile);
  void (*weights)(const WinogradF32Weights& weights);
};

struct WinogradF32 {
  const char* name;
  Isa isa;
  WinogradF32Transforms of4, of2;  // tiles of 4x4 and of 2x2 outputs
};

// The best that runs on `isa`.
const WinogradF32& winograd_f32(Isa isa);

}  // namespace fettle::runtime
