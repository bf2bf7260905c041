// SPDX-License-Identifier: Apache-2.0
//
// Channels-last convolution as an indirect matrix product: a row of the product is an output
// pixel, given to the micro-kernels as one pointer for each tap. Any stride, dilation, padding
// and number of groups.
//
// With few channels (a first layer) a whole row of taps is one contiguous piece of the input, so
// there the taps are the kernel's rows; only where padding cuts a piece is it copied.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/aligned_buffer.h"
#include "runtime/kernels/conv_f32/tap_pointers.h"
#include "runtime/kernels/gemm_f32/gemm_blocks.h"

namespace fettle::runtime {

class ConvF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return thread_bytes_ * threads_; }
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  size_t row_scratch_bytes(int64_t) const override { return thread_bytes_; }
  void run_rows(const OpCall& call, Rows out) override;
  std::span<const std::byte> packed() const override { return packed_.bytes(); }

 private:
  // Output pixels [begin, end), whose pointers `rows` holds, by some panels of a group.
  void run_block(const OpCall& call, int64_t group, int64_t begin, int64_t end, int64_t first_panel,
                 int64_t last_panel, const float** rows) const;

  ConvShape shape_{};
  bool whole_rows_ = false;  // taps are kernel rows
  bool skips_padding_ = false;
  int64_t taps_ = 0, depth_ = 0;
  PanelsF32 panels_;
  GemmBlocks blocks_;
  TapPointers<float> pointers_;
  AlignedBuffer packed_, zeros_;  // the latter a tap of padding
  ActivationF32Fn activate_ = nullptr;
  int threads_ = 1;
  size_t thread_bytes_ = 0, pointer_bytes_ = 0;
};

bool supports_conv_f32(const OpCall& call);

}  // namespace fettle::runtime
