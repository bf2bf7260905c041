// SPDX-License-Identifier: Apache-2.0
//
// MaxPool of 16-bit codes over channels-last images. Every compiler target has the largest of two
// vectors of 16 bytes, so that one body serves all instruction sets.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/pool_f32/pool_shape.h"

namespace fettle::runtime {

bool supports_max_pool_i16(const OpCall& call);

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
};

}  // namespace fettle::runtime
