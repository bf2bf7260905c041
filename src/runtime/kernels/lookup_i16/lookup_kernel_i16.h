// SPDX-License-Identifier: Apache-2.0
//
// Lookup of 16-bit codes.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/lookup_i16/lookup_i16.h"

namespace fettle::runtime {

class LookupKernelI16 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return row_codes_ > 0; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  void look_up(const OpCall& call, int64_t begin, int64_t end) const;

  int shift_ = 0;
  int64_t row_codes_ = 0;  // of an image's row; 0: no image
  LookupI16Fn fn_ = nullptr;
};

bool supports_lookup_i16(const OpCall& call);

}  // namespace fettle::runtime
