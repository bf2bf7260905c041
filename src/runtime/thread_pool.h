// SPDX-License-Identifier: Apache-2.0
//
// Worker threads for one session. The caller works too; a pool of one thread runs everything on
// the caller, with no synchronization at all. Workers spin for a bounded time and then sleep.
//
// Thread safety: one caller at a time. parallel_for does not nest. No call allocates.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace fettle::runtime {

class ThreadPool {
 public:
  // `cores`: the processor of each thread, the caller's first; empty leaves placement alone.
  explicit ThreadPool(int threads, std::span<const int> cores = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls body(begin, end, thread) over disjoint ranges that cover [0, count), each a multiple of
  // `grain` long but the last; returns when all are done. `thread` is in [0, threads()).
  template <class Body>
  void parallel_for(int64_t count, int64_t grain, const Body& body) {
    run(
        count, grain,
        [](const void* context, int64_t begin, int64_t end, int thread) {
          (*static_cast<const Body*>(context))(begin, end, thread);
        },
        &body);
  }

 private:
  using Task = void (*)(const void* context, int64_t begin, int64_t end, int thread);
  void run(int64_t count, int64_t grain, Task task, const void* context);

  struct Shared;
  int threads_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace fettle::runtime
