// SPDX-License-Identifier: Apache-2.0
//
// Add of two tensors of 8-bit codes and equal extents, and Requantize between i8 and u8.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/sum_i8/sum_i8.h"

namespace fettle::runtime {

class SumKernelI8 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return true; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  void run_range(const OpCall& call, int64_t begin, int64_t end) const;

  SumI8 sum_{};
  SumI8Fn fn_ = nullptr;
};

bool supports_add_i8(const OpCall& call);
bool supports_requantize_i8(const OpCall& call);

}  // namespace fettle::runtime
