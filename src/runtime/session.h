// SPDX-License-Identifier: Apache-2.0
//
// A plan made ready to run on this machine: kernels chosen, weights packed, memory taken. Loading
// allocates; run() does not, nor does it lock, throw or call the system with one thread.
//
// Inputs and outputs live in the arena, or once bound in the caller's own memory. An input in the
// arena has to be written before every run: a run may overwrite it; a bound one is only read.
// Outputs stay valid until the next run.
//
// Thread safety: one thread at a time uses a session; any number of sessions may run at once.
// Ownership: the session shares the plan, whose weights must stay mapped.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/portable_op.h"
#include "plan/plan.h"
#include "runtime/chain.h"
#include "runtime/kernel.h"
#include "runtime/owned_memory.h"

namespace fettle::runtime {

struct SessionOptions {
  int threads = 1;  // the one that calls run() is one of them
  // Where the other threads run and how long they look for work: WorkerOptions. The caller places
  // itself, after loading: threads start where the one that starts them may run.
  std::vector<int> cores;
  int64_t spin_us = WorkerOptions{}.spin_us;
  std::shared_ptr<Workers> workers;  // to share with other sessions, in place of the three above
  // A step runs on no more threads than have so much of it to do (step_cost.h); 0: always on all.
  int64_t least_share_ns = 1000;
  // A chain of steps that its threads' overlap makes so many times as long as an even share runs
  // in pieces, what lies between them held whole; ChainRunner::overlap.
  double most_overlap = 1.05;
  Isa isa = detect_isa();
  size_t extra_bytes = size_t{64} << 20;  // KernelOptions::extra_bytes
  bool portable_only = false;             // the reference for every step
};

struct MemoryReport {
  size_t arena = 0, scratch = 0, packed_weights = 0, plan_weights = 0;
  size_t mapped_weights = 0;  // packed ones that lie in the package
  size_t windows = 0;         // of striped tensors, for all threads: a part of scratch
  size_t unstriped = 0;       // for the tensors between pieces of cut_chains
};

class Session {
 public:
  static Result<std::unique_ptr<Session>> load(std::shared_ptr<const plan::Plan> plan,
                                               FindPortableOp find_portable,
                                               const SessionOptions& options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const plan::Plan& plan() const { return *plan_; }
  size_t inputs() const { return plan_->inputs.size(); }
  size_t outputs() const { return plan_->outputs.size(); }
  const TensorView& input(size_t i) const { return tensors_[plan_->inputs[i]]; }
  const TensorView& output(size_t i) const { return tensors_[plan_->outputs[i]]; }
  std::string_view input_name(size_t i) const { return plan_->tensors[plan_->inputs[i]].name; }
  std::string_view output_name(size_t i) const { return plan_->tensors[plan_->outputs[i]].name; }
  // Copies elements in; types and extents must be the input's.
  Status set_input(size_t i, const TensorView& value);

  // From the next run on the input is read where the caller has it, and the output is written where
  // the caller wants it: nothing is copied. The memory is aligned for its elements, holds the whole
  // tensor (of one whose extents depend on data: the largest), lives as long as the session or
  // until the next binding, and overlaps no other binding. Booleans are 0 or 1. No memory at all
  // gives the tensor its place in the arena back. What input() and output() returned before is
  // void.
  Status bind_input(size_t i, std::span<const std::byte> memory);
  Status bind_output(size_t i, std::span<std::byte> memory);

  Status run();

  // From now on run() stores the nanoseconds of each step here (as long as the plan's steps);
  // empty turns it off. The caller keeps the memory.
  void profile(std::span<int64_t> step_ns) { step_ns_ = step_ns; }
  std::string_view kernel_name(size_t step) const { return steps_[step].kernel_name; }
  MemoryReport memory() const { return memory_; }
  // What kernels have packed here, for a package to keep (plan::package_with). The bytes live as
  // long as the session.
  plan::PackedWeights packed_weights() const;
  // Chains of the plan that run in pieces here, down to single steps: one of their kernels takes no
  // rows, or the threads' overlap is too much.
  size_t cut_chains() const { return cut_chains_; }
  // The kernel's ids of the threads besides the caller's, for priorities and counters.
  std::span<const pid_t> worker_ids() const { return pool_.worker_ids(); }
  // How many threads a step runs on.
  int threads_of(size_t step) const { return steps_[step].threads; }

 private:
  struct LoadedStep {
    std::unique_ptr<Kernel> kernel;
    std::string_view kernel_name;
    PortableOp portable;
    double ns = 0;         // on one thread, about
    int threads = 1;       // that it is worth; in a chain, that the chain is
    bool dynamic = false;  // extents are known only once its inputs are
    bool in_chain = false;
    bool nothing = false;  // to compute: every output is empty
    std::span<TensorView> in, out;
  };
  Session(std::shared_ptr<const plan::Plan> plan, Isa isa, std::shared_ptr<Workers> workers);
  Status take_memory();
  Status load_step(size_t s, FindPortableOp find_portable, const SessionOptions& options);
  std::span<const std::byte> find_packed(size_t s) const;
  void count_packed(size_t s, std::span<const std::byte> found);
  void let_go_of_weights(const plan::Step& step) const;
  Status load_chains(const SessionOptions& options);
  Result<std::unique_ptr<ChainRunner>> runner_of(const plan::Chain& c,
                                                 const SessionOptions& options) const;
  Result<std::vector<plan::Chain>> pieces_of(const plan::Chain& c,
                                             const SessionOptions& options) const;
  void take_runner(ChainRunner runner);
  Status hold_between(const std::vector<std::vector<plan::Chain>>& chains);
  void gather(LoadedStep& step, const plan::Step& from);
  Status check_binding(int32_t tensor, std::span<const std::byte> memory) const;
  void bind(int32_t tensor, std::byte* memory);
  Status run_one(size_t s);
  void run_chain(ChainRunner& chain, bool profiled);
  Status run_step(LoadedStep& step, const plan::Step& from);
  Status run_dynamic(LoadedStep& step, const plan::Step& from);

  std::shared_ptr<const plan::Plan> plan_;
  Isa isa_;
  ThreadPool pool_;
  std::vector<TensorView> tensors_;   // of the plan, with their places
  std::vector<TensorView> operands_;  // of the steps, in a row
  std::vector<LoadedStep> steps_;
  std::vector<ChainRunner> chains_;
  size_t cut_chains_ = 0;
  OwnedMemory arena_, scratch_, whole_;  // the last for MemoryReport::unstriped
  std::span<std::byte> scratch_bytes_;
  std::span<int64_t> step_ns_;
  MemoryReport memory_;
};

}  // namespace fettle::runtime
