// SPDX-License-Identifier: Apache-2.0
//
// MaxPool, AveragePool and their global forms over channels-last images of 8-bit codes, and
// ReduceSum, ReduceMean, ReduceMax and ReduceMin over neighbouring axes.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/pool_f32/pool_shape.h"
#include "runtime/kernels/pool_i8/pool_i8.h"
#include "runtime/kernels/pool_i8/pool_scale.h"

namespace fettle::runtime {

class PoolKernelI8 final : public Kernel {
 public:
  PoolKernelI8(PoolI8Join join, bool global) : join_(join), global_(global) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return sum_bytes_ * static_cast<size_t>(threads_); }
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  size_t row_scratch_bytes(int64_t) const override { return sum_bytes_; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  // Output row `row` (over the batch), channels [c0, c1); `sums` is there where halves are not
  // even.
  void run_row(const int8_t* x, int8_t* y, int64_t row, int64_t c0, int64_t c1,
               int32_t* sums) const;
  int32_t* sums_of(std::byte* own) const {
    return sum_bytes_ == 0 ? nullptr : reinterpret_cast<int32_t*>(own);
  }

  const PoolI8Join join_;  // sum: an average
  const bool global_;
  PoolShape shape_;
  PoolScale scale_;
  PoolI8WindowsFn windows_ = nullptr;
  int64_t slices_ = 1;  // of the channels, where there are few rows
  int threads_ = 1;
  size_t sum_bytes_ = 0;  // of one thread
};
bool supports_pool_i8(const OpCall& call, PoolI8Join join, bool global);
template <PoolI8Join kJoin, bool kGlobal>
bool supports_pool_i8(const OpCall& call) {
  return supports_pool_i8(call, kJoin, kGlobal);
}

class ReduceKernelI8 final : public Kernel {
 public:
  ReduceKernelI8(PoolI8Join join, bool mean) : join_(join), mean_(mean) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  void sum_rows(const int8_t* x, int8_t* y, int64_t first, int64_t last) const;

  const PoolI8Join join_;
  const bool mean_;
  ReduceShape shape_;
  PoolScale scale_;
  const PoolI8* kernels_ = nullptr;
  int64_t slices_ = 1;  // of inner
};
bool supports_reduce_i8(const OpCall& call, PoolI8Join join);
template <PoolI8Join kJoin>
bool supports_reduce_i8(const OpCall& call) {
  return supports_reduce_i8(call, kJoin);
}

}  // namespace fettle::runtime
