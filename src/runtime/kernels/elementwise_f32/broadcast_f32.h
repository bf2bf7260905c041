// SPDX-License-Identifier: Apache-2.0
//
// Operators of two f32 operands that broadcast against each other, with an activation after.
// Neighbouring axes along which both operands behave alike are one axis; what then is last are the
// columns of a micro-kernel, what comes before it are its rows, and the others are walked through.
#pragma once

#include "runtime/kernel.h"
#include "runtime/kernels/activation_f32/activation_f32.h"
#include "runtime/kernels/elementwise_f32/elementwise_f32.h"

namespace fettle::runtime {

// Axes from the innermost outwards: extent of the output, steps of the operands (0: stands still).
struct BroadcastAxes {
  int count = 0;
  int64_t extent[kMaxRank] = {}, a_step[kMaxRank] = {}, b_step[kMaxRank] = {};
};
bool read_broadcast(const Dims& a, const Dims& b, const Dims& y, BroadcastAxes* axes);

class BroadcastF32 final : public Kernel {
 public:
  explicit BroadcastF32(BinaryF32 formula) : formula_(formula) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;

 private:
  // Units [first, last), each a row or `chunks_` to a row.
  void run_units(const float* a, const float* b, float* y, int64_t first, int64_t last) const;

  const BinaryF32 formula_;
  BroadcastAxes axes_;  // at least 2
  int64_t rows_ = 0, chunks_ = 1;
  Activation activation_;
  BinaryF32Fn fn_ = nullptr;
  ActivationF32Fn activate_ = nullptr;  // null: none, or bounds
};

bool supports_broadcast_f32(const OpCall& call);

}  // namespace fettle::runtime
