// SPDX-License-Identifier: Apache-2.0
//
// MaxPool, AveragePool and GlobalAveragePool over channels-last images of 16-bit codes, and
// ReduceSum and ReduceMean over neighbouring axes before the last.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/pool_f32/pool_shape.h"
#include "runtime/kernels/pool_i16/pool_i16.h"
#include "runtime/kernels/pool_i8/pool_scale.h"

namespace fettle::runtime {

class MaxPoolI16 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  // Output rows [first, last) over the batch.
  void make_rows(const OpCall& call, int64_t first, int64_t last) const;

  PoolShape shape_;
  const PoolI16* kernels_ = nullptr;
};
bool supports_max_pool_i16(const OpCall& call);

class AveragePoolI16 final : public Kernel {
 public:
  explicit AveragePoolI16(bool global) : global_(global) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  // Output rows over the batch, each cut into slices of channels: [first, last) of these.
  void make_slices(const OpCall& call, int64_t first, int64_t last) const;

  const bool global_;
  PoolShape shape_;
  PoolScale scale_;
  const PoolI16* kernels_ = nullptr;
};
bool supports_average_pool_i16(const OpCall& call, bool global);
template <bool kGlobal>
bool supports_average_pool_i16(const OpCall& call) {
  return supports_average_pool_i16(call, kGlobal);
}

class ReduceKernelI16 final : public Kernel {
 public:
  explicit ReduceKernelI16(bool mean) : mean_(mean) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  const bool mean_;
  ReduceShape shape_;
  PoolScale scale_;
  const PoolI16* kernels_ = nullptr;
};
bool supports_reduce_i16(const OpCall& call, bool mean);
template <bool kMean>
bool supports_reduce_i16(const OpCall& call) {
  return supports_reduce_i16(call, kMean);
}

}  // namespace fettle::runtime
