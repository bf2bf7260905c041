// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_pool.h"

namespace fettle::runtime {

namespace {

std::shared_ptr<Workers> own_workers(int threads) {
  if (threads <= 1) return nullptr;
  auto workers = Workers::start({.threads = threads, .cores = {}});
  return workers.ok() ? std::move(workers).value() : nullptr;
}

}  // namespace

ThreadPool::ThreadPool(int threads) : ThreadPool(own_workers(threads)) {}

ThreadPool::ThreadPool(std::shared_ptr<Workers> workers)
    : workers_(std::move(workers)),
      most_threads_(workers_ ? workers_->threads() : 1),
      threads_(most_threads_) {}

}  // namespace fettle::runtime
