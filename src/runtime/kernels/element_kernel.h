// SPDX-License-Identifier: Apache-2.0
//
// Kernels whose element i of the result depends on element i of the operand alone.
#pragma once

#include "runtime/kernel.h"

namespace fettle::runtime {

class ElementKernel : public Kernel {
 public:
  Status run(const OpCall& call, ThreadPool& pool) final;
  bool by_rows() const final { return row_elements_ > 0; }
  void run_rows(const OpCall& call, Rows out) final;

 protected:
  // `grain`: elements that are worth handing to a thread.
  explicit ElementKernel(int64_t grain) : grain_(grain) {}
  // To be called by prepare, with the extents of the result.
  void set_extents(const Dims& y) { row_elements_ = y.rank() > 2 ? y.product(2, y.rank()) : 0; }

 private:
  // Elements [begin, end).
  virtual void run_elements(const OpCall& call, int64_t begin, int64_t end) const = 0;

  const int64_t grain_;
  int64_t row_elements_ = 0;  // 0: no rows
};

}  // namespace fettle::runtime
