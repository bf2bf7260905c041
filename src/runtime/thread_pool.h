// SPDX-License-Identifier: Apache-2.0
//
// How a kernel spreads a loop over threads. A pool is one session's hold on its workers: it says
// how many of them the step at hand is worth. Where that is one, a loop is a plain call on the
// caller: no atomics, no synchronization.
//
// Thread safety: one caller at a time; several pools may share workers (see workers.h).
// parallel_for does not nest. No call allocates.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/workers.h"

namespace fettle::runtime {

class ThreadPool {
 public:
  // Workers of its own; where the system refuses to start them, the caller works alone.
  explicit ThreadPool(int threads);
  // Workers to share; null: the caller alone.
  explicit ThreadPool(std::shared_ptr<Workers> workers);

  // How many threads take part in loops from now on, the caller among them; more than there are
  // mean all. What it costs to hand work over decides how many are worth it.
  void use(int threads) { threads_ = std::clamp(threads, 1, most_threads_); }
  int threads() const { return threads_; }
  int most_threads() const { return most_threads_; }
  std::span<const pid_t> worker_ids() const {
    return workers_ ? std::span<const pid_t>(workers_->ids()) : std::span<const pid_t>();
  }

  // Calls body(begin, end, thread) over disjoint ranges that cover [0, count), each a multiple of
  // `grain` long but the last; returns when all are done. `thread` is in [0, threads()).
  template <class Body>
  void parallel_for(int64_t count, int64_t grain, const Body& body) {
    if (count <= 0) return;
    if (threads_ == 1 || count <= grain) {
      body(int64_t{0}, count, 0);
      return;
    }
    workers_->run(
        count, grain, threads_,
        [](const void* context, int64_t begin, int64_t end, int thread) {
          (*static_cast<const Body*>(context))(begin, end, thread);
        },
        &body);
  }

 private:
  std::shared_ptr<Workers> workers_;
  int most_threads_, threads_;
};

// Into how many slices, `most` at most, to cut each of some rows for even shares. One where whole
// rows are even enough: they then stay with the thread that made them.
int64_t slices_for(int64_t rows, int64_t most, int threads);

}  // namespace fettle::runtime
