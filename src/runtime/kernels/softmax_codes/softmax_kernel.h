// SPDX-License-Identifier: Apache-2.0
//
// Softmax of 8- or 16-bit codes over the last axis. Of two 8-bit codes in a row, as detectors have
// them by the thousand, only the difference matters: results of all differences are made at load.
#pragma once

#include <vector>

#include "runtime/kernel.h"
#include "runtime/kernels/softmax_codes/softmax_codes.h"

namespace fettle::runtime {

template <class T>
bool supports_softmax_codes(const OpCall& call);

// Codes of type T, int8_t or int16_t.
template <class T>
class SoftmaxKernel final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  size_t packed_bytes() const override { return sizeof exponentials_ + pairs_.size() * sizeof(T); }

 private:
  SoftmaxRows<T> rows_of(const T* x, T* y, int64_t rows) const;

  int64_t rows_ = 0, length_ = 0;
  float scale_ = 0;
  int32_t zero_point_ = 0;
  SoftmaxExponentials<T> exponentials_;
  std::vector<T> pairs_;  // two results of each difference of two codes, from -255
  SoftmaxCodesFn<T> softmax_ = nullptr;
};

}  // namespace fettle::runtime
