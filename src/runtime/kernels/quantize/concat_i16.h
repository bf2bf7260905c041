// SPDX-License-Identifier: Apache-2.0
//
// Concat of 16-bit codes whose ranges differ: each operand's rows are taken to the output's range
// on their way to their place.
#pragma once

#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/move/concat_rows.h"
#include "runtime/kernels/quantize/quantize.h"

namespace fettle::runtime {

bool supports_concat_i16(const OpCall& call);

class ConcatI16 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  struct Operand {
    bool copies;  // the output's range is its own
    Requantization what;
  };
  std::vector<Operand> operands_;
  ConcatRows rows_;
  RequantizeFn requantize_ = nullptr;
};

}  // namespace fettle::runtime
