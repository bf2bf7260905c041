// SPDX-License-Identifier: Apache-2.0
//
// MaxPool, AveragePool and their global forms over channels-last images of one or two spatial
// axes, with an activation after. Rows of windows that padding does not cut go in one call.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/activation_f32/activation_f32.h"
#include "runtime/kernels/pool_f32/pool_f32.h"
#include "runtime/kernels/pool_f32/pool_shape.h"

namespace fettle::runtime {

class PoolKernelF32 final : public Kernel {
 public:
  PoolKernelF32(PoolF32Join join, bool global) : join_(join), global_(global) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  // Output row `row` (over the batch), channels [c0, c1).
  void run_row(const float* x, float* y, int64_t row, int64_t c0, int64_t c1) const;

  const PoolF32Join join_;  // sum: an average
  const bool global_;
  PoolShape shape_;
  Activation activation_;
  PoolF32WindowsFn windows_ = nullptr;
  ActivationF32Fn activate_ = nullptr;  // null: none
  int64_t slices_ = 1;                  // of the channels, where there are few rows
};

bool supports_pool_f32(const OpCall& call, bool global);
template <bool kGlobal>
bool supports_pool_f32(const OpCall& call) {
  return supports_pool_f32(call, kGlobal);
}

}  // namespace fettle::runtime
