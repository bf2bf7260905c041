// SPDX-License-Identifier: Apache-2.0
#include "realtime/loop.h"

#include "realtime/memory_lock.h"
#include "realtime/scheduling.h"

namespace fettle::realtime {

namespace {

std::vector<pid_t> threads_of(const runtime::Session& session) {
  std::vector<pid_t> threads{0};
  threads.insert(threads.end(), session.worker_ids().begin(), session.worker_ids().end());
  return threads;
}

}  // namespace

Result<device::Placement> LoopRequest::place(int threads) const {
  return device::place_threads({cores, threads}, device::usable_processors());
}

Result<int64_t> LoopRequest::settle(const runtime::Session& session) const {
  int64_t locked = 0;
  if (lock_memory) {
    FETTLE_ASSIGN(locked, realtime::lock_memory());
  }
  if (fifo_priority > 0) FETTLE_TRY(make_fifo(threads_of(session), fifo_priority));
  return locked;
}

void LoopRequest::unsettle(const runtime::Session& session) const {
  if (fifo_priority > 0) end_fifo(threads_of(session));
  if (lock_memory) unlock_memory();
}

Status place_caller(const device::Placement& placement) {
  if (placement.cores.empty()) return {};
  const bool one_each = placement.cores.size() == static_cast<size_t>(placement.threads);
  const std::span<const int> cores = placement.cores;
  return place_thread(0, one_each ? cores.first(1) : cores);
}

}  // namespace fettle::realtime
