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

int64_t slices_for(int64_t rows, int64_t most, int threads) {
  if (threads == 1) return 1;
  const auto uneven = [&](int64_t units) {
    return units < int64_t{4} * threads || (units % threads != 0 && units < int64_t{16} * threads);
  };
  int64_t slices = 1;
  while (slices < most && uneven(rows * slices)) ++slices;
  return slices;
}

}  // namespace fettle::runtime
