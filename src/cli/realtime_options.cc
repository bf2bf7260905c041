// SPDX-License-Identifier: Apache-2.0
#include "cli/realtime_options.h"

#include "realtime/memory_lock.h"
#include "realtime/scheduling.h"

namespace fettle::cli {

namespace {

std::vector<pid_t> threads_of(const runtime::Session& session) {
  std::vector<pid_t> threads{0};
  threads.insert(threads.end(), session.worker_ids().begin(), session.worker_ids().end());
  return threads;
}

}  // namespace

void RealtimeOptions::add_cores_to(CLI::App& app) {
  app.add_option("--cores", cores,
                 "where to run: a list (0-3,6), the name of a kind (cortex-a76), big or little");
}

void RealtimeOptions::add_to(CLI::App& app) {
  add_cores_to(app);
  app.add_flag("--lock-memory", lock_memory, "lock and fill all memory before it counts");
  app.add_option("--fifo", fifo_priority, "run under SCHED_FIFO with this priority (1 to 99)")
      ->check(CLI::Range(1, 99));
}

Result<device::Placement> RealtimeOptions::place(int threads) const {
  return device::place_threads({cores, threads}, device::usable_processors());
}

Result<int64_t> RealtimeOptions::settle(const runtime::Session& session) const {
  int64_t locked = 0;
  if (lock_memory) {
    FETTLE_ASSIGN(locked, realtime::lock_memory());
  }
  if (fifo_priority > 0) FETTLE_TRY(realtime::make_fifo(threads_of(session), fifo_priority));
  return locked;
}

void RealtimeOptions::unsettle(const runtime::Session& session) const {
  if (fifo_priority > 0) realtime::end_fifo(threads_of(session));
  if (lock_memory) realtime::unlock_memory();
}

Status place_caller(const device::Placement& placement) {
  if (placement.cores.empty()) return {};
  const bool one_each = placement.cores.size() == static_cast<size_t>(placement.threads);
  const std::span<const int> cores = placement.cores;
  return realtime::place_thread(0, one_each ? cores.first(1) : cores);
}

}  // namespace fettle::cli
