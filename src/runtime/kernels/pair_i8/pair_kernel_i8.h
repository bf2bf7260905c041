// SPDX-License-Identifier: Apache-2.0
//
// Add, Sub, Mul, Min and Max of two tensors of 8-bit codes that have the same extents, or of which
// one repeats itself along some axes of the other: a squeeze-and-excite's scale of each channel.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/elementwise_f32/broadcast_f32.h"
#include "runtime/kernels/pair_i8/pair_i8.h"

namespace fettle::runtime {

// What the operands are to each other. The full one has the result's extents; the other one is as
// long, or repeats itself within blocks of the full one.
struct PairShapeI8 {
  bool swapped = false;  // the second operand is the full one
  bool repeats = false;
  int64_t period = 0;   // codes of the other one that repeat within a block
  int64_t block = 0;    // codes of the full one
  BroadcastAxes outer;  // over blocks; b_step is the other operand's
};

class PairKernelI8 final : public Kernel {
 public:
  // minus: a - b, of kind sum.
  PairKernelI8(PairI8Kind kind, bool minus) : kind_(kind), minus_(minus) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  size_t scratch_bytes() const override { return terms_bytes_ * static_cast<size_t>(threads_); }
  Status run(const OpCall& call, ThreadPool& pool) override;
  // Of operands with the same extents.
  bool by_rows() const override { return !shape_.repeats; }
  void run_rows(const OpCall& call, Rows out) override;

 private:
  void run_same(const OpCall& call, int64_t begin, int64_t end) const;
  void run_repeating(const int8_t* full, const int8_t* other, int8_t* to, std::byte* scratch,
                     ThreadPool& pool) const;
  void fill_terms(const int8_t* codes, PairI8Term* terms) const;

  const PairI8Kind kind_;
  const bool minus_;
  PairShapeI8 shape_;
  PairI8 pair_{};
  PairI8Fn fn_ = nullptr;
  int64_t blocks_ = 1, chunk_ = 0;
  int64_t row_codes_ = 0;  // of a row of the result
  int threads_ = 1;
  size_t terms_bytes_ = 0;
};

// Types, ranges and extents.
bool supports_pair_i8(const OpCall& call, PairI8Kind kind);
template <PairI8Kind kKind>
bool supports_pair_i8(const OpCall& call) {
  return supports_pair_i8(call, kKind);
}

}  // namespace fettle::runtime
