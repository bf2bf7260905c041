// SPDX-License-Identifier: Apache-2.0
//
// MaxPool of 8-bit codes over windows of two axes, one axis at a time: the largest of a window's
// rows along the whole image, where vectors are full whatever the number of channels, then of its
// columns. A window costs the sum of its sides, not their product.
//
//   row      [padding | largest of the input rows | padding]      padding is -128
//   output   largest of `kernel` pixels of row, `stride` pixels on for each column
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/pool_f32/pool_shape.h"
#include "runtime/kernels/pool_i8/pool_i8.h"

namespace fettle::runtime {

bool supports_separable_max_pool_i8(const OpCall& call);

class SeparableMaxPoolI8 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return row_bytes_ * static_cast<size_t>(threads_); }
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return shape_.batch == 1; }
  size_t row_scratch_bytes(int64_t) const override { return row_bytes_; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  // Output rows [first, last) over the batch; `row` is row_bytes_ of scratch.
  void make_rows(const OpCall& call, int64_t first, int64_t last, int8_t* row) const;

  PoolShape shape_;
  const PoolI8* kernels_ = nullptr;
  int threads_ = 1;
  size_t row_bytes_ = 0;  // of one thread
};

}  // namespace fettle::runtime
