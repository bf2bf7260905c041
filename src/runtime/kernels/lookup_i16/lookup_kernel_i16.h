// SPDX-License-Identifier: Apache-2.0
//
// Lookup of 16-bit codes.
#pragma once

#include "base/wide_table.h"
#include "runtime/kernels/element_kernel.h"
#include "runtime/kernels/lookup_i16/lookup_i16.h"

namespace fettle::runtime {

class LookupKernelI16 final : public ElementKernel {
 public:
  LookupKernelI16() : ElementKernel(4096) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;

 private:
  void run_elements(const OpCall& call, int64_t begin, int64_t end) const override;

  WideTable form_;
  LookupI16Fn fn_ = nullptr;
};

bool supports_lookup_i16(const OpCall& call);

}  // namespace fettle::runtime
