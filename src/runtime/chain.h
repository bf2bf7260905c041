// SPDX-License-Identifier: Apache-2.0
//
// Runs the steps of a chain (plan::Chain) stripe by stripe, so that what lies between them stays
// in a core's cache. Each thread takes bands of rows and has windows of its own; it waits for the
// others once a chain, not once a step.
#pragma once

#include <vector>

#include "base/portable_op.h"
#include "plan/stripes.h"
#include "runtime/kernel.h"

namespace fettle::runtime {

// A step of the chain as the session has loaded it. The views' data may change between runs.
struct ChainLink {
  Kernel* kernel = nullptr;
  RowsFn rows = nullptr;
  const Attributes* attrs = nullptr;
  std::span<const TensorView> in, out;
  double row_ns = 0;  // about how long a row of its output takes
};

class ChainRunner {
 public:
  // The links' kernels are prepared and run by rows. Fails where the row rules do not fit.
  Status prepare(const plan::Plan& plan, const plan::Chain& chain, std::vector<ChainLink> links,
                 int threads);
  size_t scratch_bytes() const { return thread_bytes_ * workers_.size(); }
  size_t window_bytes() const { return window_bytes_ * workers_.size(); }
  // How much longer the busiest thread takes than an even share of what one thread would do: bands
  // are uneven, and compute what they overlap in again.
  double overlap() const { return overlap_; }
  int threads() const { return static_cast<int>(workers_.size()); }
  int32_t first_step() const { return first_step_; }
  int32_t steps() const { return static_cast<int32_t>(links_.size()); }

  void run(ThreadPool& pool, std::span<std::byte> scratch);
  // The same, and stores how long each step took, as shares of the whole's time.
  void run_profiled(ThreadPool& pool, std::span<std::byte> scratch, std::span<int64_t> step_ns);

 private:
  // What one thread needs beside scratch: the operands of each link with their places of now.
  struct Worker {
    std::vector<std::vector<TensorView>> in, out;
    std::vector<Rows> held;
    std::vector<int64_t> ns;
  };
  using Schedules = std::vector<plan::StripeSchedule>;
  Result<Schedules> cut(const plan::Plan& plan, const plan::Chain& chain, int64_t bands) const;
  // Of bands [begin, end).
  double estimated_ns(const Schedules& bands, size_t begin, size_t end) const;
  double estimated_ns(const Schedules& bands) const { return estimated_ns(bands, 0, bands.size()); }
  template <bool kProfiled>
  void run_bands(ThreadPool& pool, std::span<std::byte> scratch);
  template <bool kProfiled>
  void run_band(const plan::StripeSchedule& band, Worker& worker, std::byte* scratch) const;
  void drop_rows(const plan::StripePart& part, Worker& worker, std::byte* window) const;

  int32_t first_step_ = 0;
  std::vector<ChainLink> links_;
  std::vector<int> striped_in_;        // which input of each link but the first is a window
  std::vector<int64_t> row_bytes_;     // of each link's output
  std::vector<size_t> window_offset_;  // in a thread's scratch
  size_t window_bytes_ = 0, thread_bytes_ = 0;
  Schedules bands_;
  double overlap_ = 1;
  std::vector<Worker> workers_;
};

}  // namespace fettle::runtime
