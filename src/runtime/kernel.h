// SPDX-License-Identifier: Apache-2.0
//
// What a kernel is to the runtime. A plan's step names an operator; at load the runtime takes the
// first entry of its table whose `op` matches, whose instruction set the machine has and whose
// `supports` says yes, makes a kernel and prepares it. Several fast kernels may serve one
// operator; the portable reference stands behind them all and takes everything.
//
// Contract of every kernel: it computes what the operator's reference computes (bit for bit in
// integers, within the operator's tolerance in floats), reads and writes only inside the tensors
// and the scratch it asked for, and run() neither allocates, throws nor locks.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/cpu.h"
#include "base/op_call.h"
#include "base/rows.h"
#include "runtime/thread_pool.h"

namespace fettle::runtime {

struct KernelOptions {
  Isa isa = Isa::portable;
  int threads = 1;
  // How many bytes of weights and scratch beyond the smallest a kernel may spend to be faster.
  size_t extra_bytes = size_t{64} << 20;
  // What the package has of this kernel's packed() weights, or nothing; it outlives the kernel. Not
  // believed to be of the right size, nor of good values.
  std::span<const std::byte> packed = {};
  // The step before makes input 0 a few rows at a time, which stay in a cache.
  bool windowed = false;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  // Once, at load: shapes are fixed, constant inputs have data. May allocate, packs weights.
  virtual Status prepare(const OpCall& call, const KernelOptions& options) = 0;
  // Scratch for one run over all threads; asked after prepare.
  virtual size_t scratch_bytes() const { return 0; }
  virtual Status run(const OpCall& call, ThreadPool& pool) = 0;

  // A kernel that can make some rows of its output may take part in a chain (plan::Chain). run_rows
  // runs on the calling thread alone, many of them at once, and `call.scratch` is that thread's.
  // The data of an operand with rows is where its row 0 would be; only the rows that the operator's
  // row rule names for `out` are there.
  virtual bool by_rows() const { return false; }
  // Scratch of one call that makes at most so many rows; asked after prepare.
  virtual size_t row_scratch_bytes(int64_t /*rows*/) const { return 0; }
  virtual void run_rows(const OpCall& /*call*/, Rows /*out*/) { assert(by_rows()); }

  // Weights in the form that run() reads, which a package may keep for this instruction set: the
  // same bytes for the same step, given whatever threads.
  virtual std::span<const std::byte> packed() const { return {}; }
  // Bytes held in such form and in others, for the memory report.
  virtual size_t packed_bytes() const { return packed().size(); }
};

struct KernelEntry {
  const char* name;  // <op>_<types>_<form>, for profiles and reports
  const char* op;
  Isa isa;  // the least it runs on
  // Whether it takes these types, shapes and attributes. Only for static shapes; `in` has data
  // where it is constant.
  bool (*supports)(const OpCall& call);
  std::unique_ptr<Kernel> (*make)();
};

// The entries of every family, best first for each operator.
std::span<const KernelEntry> fast_kernels();

}  // namespace fettle::runtime
