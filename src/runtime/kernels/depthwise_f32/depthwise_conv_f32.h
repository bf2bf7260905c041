// SPDX-License-Identifier: Apache-2.0
//
// Channels-last depthwise convolution with one output channel for each input channel: any kernel,
// stride, dilation and padding; fast ones for kernels 3 and 5 wide.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/activation_f32/activation_f32.h"
#include "runtime/kernels/aligned_buffer.h"
#include "runtime/kernels/conv_f32/conv_shape.h"
#include "runtime/kernels/depthwise_f32/depthwise_f32.h"

namespace fettle::runtime {

class DepthwiseConvF32 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  void run_rows(const OpCall& call, Rows out) override;
  size_t packed_bytes() const override { return packed_.bytes().size(); }

 private:
  // Output row `row` (over the batch), channels [c0, c1).
  void ask_ahead(const float* image, int64_t top, int64_t begin, int64_t end, int64_t c0,
                 int64_t c1) const;
  void run_row(const float* x, const float* residual, float* y, int64_t row, int64_t c0,
               int64_t c1) const;

  ConvShape shape_{};
  const DepthwiseF32* kernels_ = nullptr;
  const DepthwiseF32Fn* wide_ = nullptr;  // by number of columns; null: the general kernel
  ActivationF32Fn activate_ = nullptr;
  bool asks_ahead_ = false;
  int64_t slices_ = 1;    // of the channels, where there are few rows for the threads
  AlignedBuffer packed_;  // bias, then [kernel_h][kernel_w][channels]
};

bool supports_depthwise_conv_f32(const OpCall& call);

}  // namespace fettle::runtime
