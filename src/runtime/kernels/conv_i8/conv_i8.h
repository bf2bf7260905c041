// SPDX-License-Identifier: Apache-2.0
//
// Channels-last convolution of 8-bit or 16-bit codes as an indirect matrix product, as in conv_f32:
// a row is an output pixel, given as one pointer for each tap; with few channels, for each row of
// taps; with very few, its whole window is gathered, so that dot products waste nothing. Padding
// points at the input's zero point.
//
// Without dot-product instructions 8-bit input is first widened to 16 bits, once, in scratch.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/conv_f32/tap_pointers.h"
#include "runtime/kernels/conv_i8/padded_rows.h"
#include "runtime/kernels/gemm_i8/panels_i8.h"

namespace fettle::runtime {

class ConvI8 : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override {
    return wide_bytes_ + thread_bytes_ * static_cast<size_t>(threads_);
  }
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  size_t row_scratch_bytes(int64_t rows) const override;
  void run_rows(const OpCall& call, Rows out) override;
  std::span<const std::byte> packed() const override { return panels_.packed(); }

 protected:
  // Everything but reading the call.
  Status plan(const ConvShape& shape, const QuantizedI8& quantized, const KernelOptions& options);
  void find_rows(const std::byte* x, int64_t begin, int64_t end, const std::byte** rows,
                 std::byte* own) const;
  void find_padded_rows(const std::byte* x, int64_t begin, int64_t end, const std::byte** rows,
                        std::byte* own) const;

  ConvShape shape_{};
  bool whole_rows_ = false;  // taps are kernel rows
  bool padded_ = false;      // taps are found in rows copied with their padding
  bool patches_ = false;     // the one tap is a window of the input, gathered
  DepthI8 depth_;
  int64_t pixel_bytes_ = 0, tap_bytes_ = 0;  // of the input as the kernels read it
  int32_t in_zero_point_ = 0;
  PaddedRows padded_rows_;
  TapPointers<std::byte> pointers_;
  PanelsI8 panels_;
  GemmBlocks blocks_;
  AlignedBuffer zeros_;  // a tap of padding
  int threads_ = 1;
  size_t wide_bytes_ = 0, thread_bytes_ = 0, pointer_bytes_ = 0, sum_bytes_ = 0;
};

// kWide: activations of 16 bits, not of 8.
template <bool kWide>
bool supports_conv_codes(const OpCall& call);

// A convolution of codes, its bias and quantization; no residual.
bool read_conv_codes(const OpCall& call, ConvShape* shape, QuantizedI8* quantized);

}  // namespace fettle::runtime
