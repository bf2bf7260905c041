// SPDX-License-Identifier: Apache-2.0
//
// Add, Sub, Mul, Min and Max of two tensors of 16-bit codes that broadcast against each other.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/elementwise_f32/broadcast_f32.h"
#include "runtime/kernels/pair_i16/pair_i16.h"

namespace fettle::runtime {

class PairKernelI16 final : public Kernel {
 public:
  // minus: a - b, of kind sum.
  PairKernelI16(PairI16Kind kind, bool minus) : kind_(kind), minus_(minus) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  bool by_rows() const override { return row_codes_ > 0; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  // Runs of the innermost axis [first, last), each cut into `chunks_`.
  void run_units(const OpCall& call, int64_t first, int64_t last) const;

  const PairI16Kind kind_;
  const bool minus_;
  BroadcastAxes axes_;  // at least 2
  int64_t outer_ = 1, chunks_ = 1;
  int64_t row_codes_ = 0;  // of an image's row, where both operands are images of these extents
  PairI16 pair_{};
  PairI16Fn fn_ = nullptr;
};

bool supports_pair_i16(const OpCall& call, PairI16Kind kind);
template <PairI16Kind kKind>
bool supports_pair_i16(const OpCall& call) {
  return supports_pair_i16(call, kKind);
}

}  // namespace fettle::runtime
