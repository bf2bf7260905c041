// SPDX-License-Identifier: Apache-2.0
//
// Channels-last 3x3 convolution at stride 1 by Winograd's method, in tiles of 4x4 or 2x2 outputs,
// whichever is estimated to be faster; where neither is, or what it takes does not fit in what may
// be spent, the indirect convolution does the work.
//
// Tiles go in blocks whose transformed inputs and products stay in the caches. A block is three
// steps: transform inputs; one matrix product for each point of the tile; transform outputs.
// Threads take blocks, or share out each step of each block where there are few.
//
// Transformed weights are 4 or 1.8 times the plain ones. Few are packed so at load; many are packed
// plain, and the second step transforms them as it comes to them: a panel of a row of points at a
// time.
#pragma once

#include "runtime/kernels/conv_f32/conv_f32.h"
#include "runtime/kernels/winograd_f32/winograd_f32.h"

namespace fettle::runtime {

class WinogradConvF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  std::span<const std::byte> packed() const override;

 private:
  struct Block {
    int64_t first, tiles;
    float *in_points, *out_points;
  };
  void plan_blocks(int mr);
  // Of tiles or points [begin, end) of a block; the pointers are room for one tile or row each.
  void transform_inputs(const float* x, const Block& b, int64_t begin, int64_t end,
                        const float** pixels) const;
  // Panels [first, last), of which point p begins at packed + p * plane.
  struct Weights {
    const float* packed;
    int64_t plane, first, last;
  };
  void multiply_points(const Block& b, const Weights& w, int64_t begin, int64_t end,
                       const float** rows) const;
  void multiply_late(const OpCall& call, const Block& b, ThreadPool& pool) const;
  const float** pointers(const OpCall& call, int thread) const;
  void transform_outputs(const OpCall& call, const Block& b, int64_t begin, int64_t end) const;
  void find_pixels(const float* x, int64_t tile, const float** pixels) const;
  Status pack(const float* weights);
  void pack_taps(const float* weights);
  int64_t late_floats(const PanelF32& panel) const;

  ConvShape shape_{};
  std::unique_ptr<ConvF32> direct_;  // does the work where it is there
  const WinogradF32Transforms* transforms_ = nullptr;
  ActivationF32Fn activate_ = nullptr;
  PanelsF32 panels_;
  AlignedBuffer packed_, zeros_, bias_;
  int threads_ = 1;
  bool own_blocks_ = false;  // each thread
  bool late_ = false;        // weights are transformed in run()
  int64_t late_plane_ = 0;   // late: floats from one point of a panel to the next
  int64_t tiles_h_ = 0, tiles_w_ = 0, tiles_ = 0;
  int64_t tile_rows_ = 1;                 // of a product's micro-kernel
  int64_t blocks_ = 1, block_tiles_ = 0;  // of the largest
  size_t block_bytes_ = 0, pointer_bytes_ = 0;
  int64_t in_plane_ = 0, out_plane_ = 0;  // floats from one point to the next
};

bool supports_winograd_conv_f32(const OpCall& call);

}  // namespace fettle::runtime
