// SPDX-License-Identifier: Apache-2.0
//
// Lookup of one 8-bit code in a constant table, and Concat of operands with ranges of their own:
// each has the function that brings its codes to the result's range.
#pragma once

#include <array>
#include <vector>

#include "runtime/kernels/element_kernel.h"
#include "runtime/kernels/lookup_i8/lookup_i8.h"
#include "runtime/kernels/move/concat_rows.h"

namespace fettle::runtime {

bool supports_lookup_i8(const OpCall& call);

class LookupKernelI8 final : public ElementKernel {
 public:
  LookupKernelI8() : ElementKernel(16384) {}
  Status prepare(const OpCall& call, const KernelOptions& options) override;

 private:
  void run_elements(const OpCall& call, int64_t begin, int64_t end) const override;

  LookupI8Fn look_up_ = nullptr;
};

bool supports_concat_i8(const OpCall& call);

using TableI8 = std::array<int8_t, kLookupCodes>;

class ConcatI8 final : public Kernel {
 public:
  Status prepare(const OpCall& call, const KernelOptions& options) override;
  Status run(const OpCall& call, ThreadPool& pool) override;
  size_t packed_bytes() const override { return tables_.size() * sizeof(TableI8); }

 private:
  // Stretches [begin, end) of the result.
  void run_tile(const OpCall& call, int64_t begin, int64_t end) const;

  ConcatRows rows_;
  std::vector<TableI8> tables_;
  std::vector<bool> copies_;  // operands that share the result's range
  LookupI8Fn look_up_ = nullptr;
};

}  // namespace fettle::runtime
