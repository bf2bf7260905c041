// SPDX-License-Identifier: Apache-2.0
//
// HardSigmoid and HardSwish of 16-bit codes.
#pragma once

#include "runtime/kernels/element_kernel.h"
#include "runtime/kernels/hard_i16/hard_i16.h"

namespace fettle::runtime {

class HardKernelI16 final : public ElementKernel {
 public:
  explicit HardKernelI16(bool swish) : ElementKernel(4096), swish_(swish) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;

 private:
  void run_elements(const OpCall& call, int64_t begin, int64_t end) const override;

  const bool swish_;
  HardGate gate_;
  HardI16Fn fn_ = nullptr;
};

bool supports_hard_i16(const OpCall& call, bool swish);
template <bool kSwish>
bool supports_hard_i16(const OpCall& call) {
  return supports_hard_i16(call, kSwish);
}

}  // namespace fettle::runtime
