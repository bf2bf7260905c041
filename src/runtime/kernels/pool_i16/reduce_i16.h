// SPDX-License-Identifier: Apache-2.0
//
// ReduceSum and ReduceMean of 16-bit codes over neighbouring axes before the last: exact sums in
// 32 bits, scaled by the rule of base/requantize.h. One body serves all instruction sets.
#pragma once

#include "base/requantize.h"
#include "runtime/kernel.h"
#include "runtime/kernels/pool_f32/pool_shape.h"

namespace fettle::runtime {

bool supports_reduce_i16(const OpCall& call);

class ReduceKernelI16 final : public Kernel {
 public:
  explicit ReduceKernelI16(bool mean) : mean_(mean) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  bool mean_;
  ReduceShape shape_;
  Requantizer quantize_;
  float multiplier_ = 1;
};

}  // namespace fettle::runtime
