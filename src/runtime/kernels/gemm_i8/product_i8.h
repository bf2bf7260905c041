// SPDX-License-Identifier: Apache-2.0
//
// Gemm over codes with a constant, transposed B: a fully connected layer.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/gemm_i8/panels_i8.h"

namespace fettle::runtime {

class GemmI8Kernel final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return thread_bytes_ * static_cast<size_t>(threads_); }
  Status run(const OpCall& call, ThreadPool& pool) override;
  std::span<const std::byte> packed() const override { return panels_.packed(); }

 private:
  int64_t rows_ = 0, depth_ = 0, padded_ = 0, columns_ = 0;
  int32_t in_zero_point_ = 0;
  PanelsI8 panels_;
  GemmBlocks blocks_;
  int threads_ = 1;
  size_t thread_bytes_ = 0, pointer_bytes_ = 0, sum_bytes_ = 0;
};

// kWide: activations of 16 bits, not of 8.
template <bool kWide>
bool supports_gemm_codes(const OpCall& call);

}  // namespace fettle::runtime
