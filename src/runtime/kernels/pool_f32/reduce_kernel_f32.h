// SPDX-License-Identifier: Apache-2.0
//
// ReduceSum, ReduceMean, ReduceMax and ReduceMin over neighbouring axes: over the last ones, rows
// become numbers; over others, what follows them are the channels of one window.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/pool_f32/pool_f32.h"
#include "runtime/kernels/pool_f32/pool_shape.h"

namespace fettle::runtime {

bool supports_reduce_f32(const OpCall& call);

class ReduceKernelF32 final : public Kernel {
 public:
  ReduceKernelF32(PoolF32Join join, bool mean) : join_(join), mean_(mean) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  const PoolF32Join join_;
  const bool mean_;
  ReduceShape shape_;
  const PoolF32* kernels_ = nullptr;
  int64_t slices_ = 1;  // of inner
};

}  // namespace fettle::runtime
