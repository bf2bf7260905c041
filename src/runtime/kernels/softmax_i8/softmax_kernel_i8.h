// SPDX-License-Identifier: Apache-2.0
//
// Softmax of 8-bit codes over the last axis. Of two codes in a row, as detectors have them by the
// thousand, only the difference matters: results of all differences are made at load.
#pragma once

#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/softmax_i8/softmax_i8.h"

namespace fettle::runtime {

bool supports_softmax_i8(const OpCall& call);

class SoftmaxKernelI8 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  size_t packed_bytes() const override { return sizeof exponentials_ + pairs_.size(); }

 private:
  SoftmaxI8Rows rows_of(const int8_t* x, int8_t* y, int64_t rows) const;

  int64_t rows_ = 0, length_ = 0;
  float scale_ = 0;
  int32_t zero_point_ = 0;
  int32_t exponentials_[kExponentialCodes];
  std::vector<int8_t> pairs_;  // two results of each difference of two codes, from -255
  SoftmaxI8Fn softmax_ = nullptr;
};

}  // namespace fettle::runtime
