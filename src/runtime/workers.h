// SPDX-License-Identifier: Apache-2.0
//
// The threads behind a ThreadPool. They serve one session, or several that share them so that a
// process with many models does not have more busy threads than cores: while the loop of one
// session has them, the loop of another runs on its caller alone.
//
// A worker without work looks for some for `spin_us` and then sleeps in the kernel; it never yields
// in a circle and never holds a lock.
//
// Algorithm: a loop is cut into pieces, and each thread has an equal share of neighbouring ones:
// the same share of the next loop finds much of its input in the thread's own caches. A thread
// takes a third of what is left of its share at a time, from the front; when that is used up it
// takes from the ends of the others' shares, so that a slow core, or one that the system lends to
// somebody else for a while, does less. The caller waits only for pieces that were taken: a worker
// that is not scheduled holds nothing up.
//
// Thread safety: run() from any thread. No call allocates after start().
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <memory>
#include <vector>

#include "base/status.h"
#include "runtime/spin_wait.h"

namespace fettle::runtime {

struct WorkerOptions {
  int threads = 1;  // together with the caller
  // The processors to run on: as many as threads, and each keeps to its own (the first is left to
  // the caller); otherwise each worker may use any of them. Empty: wherever the system puts them.
  std::vector<int> cores;
  int64_t spin_us = 50;  // how long a thread looks before it sleeps; 0: not at all
};

class Workers {
 public:
  static constexpr int kMaxThreads = 1024;

  static Result<std::shared_ptr<Workers>> start(const WorkerOptions& options);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const { return threads_; }
  // The kernel's ids of the workers, without any caller's: for priorities and counters.
  const std::vector<pid_t>& ids() const { return ids_; }

  using Task = void (*)(const void* context, int64_t begin, int64_t end, int thread);
  // Calls task over [0, count) in ranges of whole grains, on threads [0, threads) at most.
  void run(int64_t count, int64_t grain, int threads, Task task, const void* context);

 private:
  struct Seat {
    Workers* workers = nullptr;
    int thread = 0;
    pthread_t handle{};
  };
  explicit Workers(const WorkerOptions& options);
  Status start_thread(int thread, const std::vector<int>& cores);
  static void* begin(void* seat);
  void serve(int thread);
  // Pieces not yet taken: epoch << 32 | first << 16 | end. With the epoch, a worker that was held
  // back takes nothing from a later loop by mistake.
  struct alignas(64) Share {
    std::atomic<uint64_t> pieces{0};
  };
  struct Pieces {
    uint32_t begin = 0, end = 0;
  };
  void take_part(uint32_t epoch, int thread);
  // From the front of one's own share or the end of another's; false where nothing is left.
  static bool take(Share& share, uint32_t epoch, bool own, Pieces* taken);
  void run_pieces(const Pieces& pieces, int thread);

  const int threads_;
  const int64_t spin_ns_;
  std::vector<Seat> seats_;  // of the workers that were started
  std::vector<pid_t> ids_;
  WaitedValue started_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> busy_{false};
  // One more for each loop, and at the end. Each group below has a cache line to itself.
  alignas(64) WaitedValue epoch_;
  std::unique_ptr<Share[]> shares_;     // of each thread
  alignas(64) WaitedValue unfinished_;  // pieces of this epoch
  // The loop: written while no piece is left to take, read by those who took one.
  alignas(64) Task task_ = nullptr;
  const void* context_ = nullptr;
  int64_t count_ = 0, grain_ = 1, grains_ = 0;
  int64_t pieces_ = 0;
};

}  // namespace fettle::runtime
