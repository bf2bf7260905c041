// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_pool.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace fettle::runtime {

namespace {
// How often a waiting thread looks before it sleeps: some tens of microseconds.
constexpr int kSpins = 20000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns once `value` differs from `old`.
uint32_t wait_change(const std::atomic<uint32_t>& value, uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    const uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    relax();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

void pin(pthread_t thread, int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  pthread_setaffinity_np(thread, sizeof set, &set);  // a refusal leaves the thread where it is
}
}  // namespace

// The pieces of a parallel_for are taken one by one from `state`, which names the epoch that they
// belong to: a worker that the system held back takes nothing from a later one by mistake, and the
// caller waits only for pieces that were taken, never for a worker that took none.
struct ThreadPool::Shared {
  std::atomic<uint32_t> epoch{0};       // one more for each parallel_for, and at the end
  std::atomic<uint64_t> state{0};       // epoch << 32 | pieces not yet taken
  std::atomic<uint32_t> unfinished{0};  // pieces of this epoch
  bool stop = false;
  // Written while no piece is taken, read by those who took one.
  Task task = nullptr;
  const void* context = nullptr;
  int64_t count = 0, chunk = 1;
  uint32_t pieces = 0;
  std::vector<std::thread> workers;

  void work(uint32_t current, int thread) {
    uint64_t seen = state.load(std::memory_order_acquire);
    while (static_cast<uint32_t>(seen >> 32) == current && static_cast<uint32_t>(seen) != 0) {
      if (!state.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {
        continue;
      }
      const int64_t begin = (pieces - static_cast<uint32_t>(seen)) * chunk;
      task(context, begin, std::min(begin + chunk, count), thread);
      if (unfinished.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished.notify_one();
      seen = state.load(std::memory_order_acquire);
    }
  }

  void serve(int thread) {
    uint32_t seen = 0;
    while (true) {
      seen = wait_change(epoch, seen);
      if (stop) return;
      work(seen, thread);
    }
  }
};

ThreadPool::ThreadPool(int threads, std::span<const int> cores) : threads_(std::max(1, threads)) {
  if (!cores.empty()) pin(pthread_self(), cores[0]);
  if (threads_ == 1) return;
  shared_ = std::make_unique<Shared>();
  for (int t = 1; t < threads_; ++t) {
    shared_->workers.emplace_back([this, t] { shared_->serve(t); });
    if (static_cast<size_t>(t) < cores.size()) {
      pin(shared_->workers.back().native_handle(), cores[t]);
    }
  }
}

ThreadPool::~ThreadPool() {
  if (!shared_) return;
  shared_->stop = true;
  shared_->epoch.fetch_add(1, std::memory_order_release);
  shared_->epoch.notify_all();
  for (std::thread& w : shared_->workers) w.join();
}

void ThreadPool::run(int64_t count, int64_t grain, Task task, const void* context) {
  if (count <= 0) return;
  if (threads_ == 1 || count <= grain) {
    task(context, 0, count, 0);
    return;
  }
  // Four chunks a thread even out cores of different speed without much traffic on `next`.
  const int64_t pieces = int64_t{4} * threads_;
  const int64_t chunk = (count + pieces - 1) / pieces;
  Shared& s = *shared_;
  s.task = task;
  s.context = context;
  s.count = count;
  s.chunk = (chunk + grain - 1) / grain * grain;
  s.pieces = static_cast<uint32_t>((count + s.chunk - 1) / s.chunk);
  s.unfinished.store(s.pieces, std::memory_order_relaxed);
  const uint32_t epoch = s.epoch.load(std::memory_order_relaxed) + 1;
  s.state.store(uint64_t{epoch} << 32 | s.pieces, std::memory_order_release);
  s.epoch.store(epoch, std::memory_order_release);
  s.epoch.notify_all();
  s.work(epoch, 0);
  uint32_t left = s.unfinished.load(std::memory_order_acquire);
  while (left != 0) left = wait_change(s.unfinished, left);
}

}  // namespace fettle::runtime
