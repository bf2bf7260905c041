// SPDX-License-Identifier: Apache-2.0
//
// Channels-last depthwise convolution of 8-bit or 16-bit codes with one output channel for each
// input channel: any kernel, stride, dilation and padding; fast ones for kernels 3 and 5 wide.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/aligned_buffer.h"
#include "runtime/kernels/conv_f32/conv_shape.h"
#include "runtime/kernels/depthwise_i8/depthwise_i8.h"
#include "runtime/kernels/quantized_i8.h"

namespace fettle::runtime {

class DepthwiseConvI8 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return thread_bytes_ * static_cast<size_t>(threads_); }
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  size_t row_scratch_bytes(int64_t) const override { return thread_bytes_; }
  void run_rows(const OpCall& call, Rows out) override;
  size_t packed_bytes() const override { return packed_.bytes().size(); }

 private:
  void pack(const QuantizedI8& quantized);
  // Output row `row` (over the batch), blocks of channels [first, last).
  void run_row(const std::byte* x, std::byte* y, int64_t row, int64_t first, int64_t last,
               std::byte* own) const;

  ConvShape shape_{};
  const DepthwiseI8* kernels_ = nullptr;
  const DepthwiseI8Fn* wide_ = nullptr;  // by number of columns; null: the general kernel
  int64_t least_columns_ = 1;            // that `wide_` has
  DepthwiseI8Fn few_ = nullptr;          // for few channels; null: the others
  int64_t together_ = 1;                 // columns that the others take as one of more channels
  int64_t row_groups_ = 0, blocks_ = 0, block_bytes_ = 0;
  bool overlaps_ = false;  // the last block begins before the one before it ends
  SumForm form_ = SumForm::integer;
  int64_t slices_ = 1;  // of the blocks, where there are few rows for the threads
  int32_t in_zero_point_ = 0, out_zero_point_ = 0;
  float lo_ = 0, hi_ = 0;
  int threads_ = 1;
  size_t thread_bytes_ = 0;
  AlignedBuffer packed_, padding_;
};

// kWide: activations of 16 bits, not of 8.
template <bool kWide>
bool supports_depthwise_codes(const OpCall& call);

}  // namespace fettle::runtime
