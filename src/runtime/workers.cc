// SPDX-License-Identifier: Apache-2.0
#include "runtime/workers.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace fettle::runtime {

namespace {

// Kernels keep what is large in scratch. Locked memory is filled at once, so that the usual eight
// megabytes a thread would be a good part of a small board.
constexpr size_t kStackBytes = size_t{512} << 10;
// Even out cores of different speed without much traffic on `state_`.
constexpr int kPiecesPerThread = 4;
static_assert(kPiecesPerThread * Workers::kMaxThreads < 1 << 16);

Status refused(const char* what, int thread, int threads, int error) {
  return Status(Code::failed, std::string(what) + " thread " + std::to_string(thread + 1) + " of " +
                                  std::to_string(threads) + ": " + std::strerror(error));
}

}  // namespace

Workers::Workers(const WorkerOptions& options)
    : threads_(options.threads), spin_ns_(options.spin_us * 1000) {
  seats_.reserve(static_cast<size_t>(threads_));  // they keep their addresses
  ids_.resize(static_cast<size_t>(threads_ - 1));
}

Result<std::shared_ptr<Workers>> Workers::start(const WorkerOptions& options) {
  if (options.threads < 1 || options.threads > kMaxThreads) {
    return usage_error("threads must be 1 to " + std::to_string(kMaxThreads) + ", not " +
                       std::to_string(options.threads));
  }
  for (const int core : options.cores) {
    if (core >= 0 && core < CPU_SETSIZE) continue;
    return usage_error("there is no processor " + std::to_string(core));
  }
  std::shared_ptr<Workers> workers(new Workers(options));
  const bool one_each = options.cores.size() == static_cast<size_t>(options.threads);
  for (int t = 1; t < options.threads; ++t) {
    const auto own = options.cores.begin() + (one_each ? t : 0);
    FETTLE_TRY(workers->start_thread(t, {own, one_each ? own + 1 : options.cores.end()}));
  }
  return workers;
}

Status Workers::start_thread(int thread, const std::vector<int>& cores) {
  seats_.push_back({this, thread, {}});
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  const int error =
      pthread_create(&seats_.back().handle, &attributes, &Workers::begin, &seats_.back());
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    seats_.pop_back();
    return refused("cannot start", thread, threads_, error);
  }
  const auto others = static_cast<uint32_t>(thread - 1);
  while (started_.wait_change(others, 0) == others) continue;
  if (cores.empty()) return {};
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(static_cast<size_t>(core), &set);
  const int pinned = pthread_setaffinity_np(seats_.back().handle, sizeof set, &set);
  if (pinned == 0) return {};
  return refused("cannot place on its processors", thread, threads_, pinned);
}

void* Workers::begin(void* seat) {
  const auto* s = static_cast<const Seat*>(seat);
  Workers* workers = s->workers;
  const int thread = s->thread;
  pthread_setname_np(pthread_self(), ("fettle-" + std::to_string(thread)).c_str());
  workers->ids_[static_cast<size_t>(thread - 1)] = gettid();
  workers->started_.value.fetch_add(1);
  workers->started_.wake();
  workers->serve(thread);
  return nullptr;
}

Workers::~Workers() {
  stop_.store(true, std::memory_order_relaxed);
  epoch_.value.fetch_add(1);
  epoch_.wake();
  for (const Seat& s : seats_) pthread_join(s.handle, nullptr);
}

void Workers::serve(int thread) {
  uint32_t seen = 0;
  while (true) {
    seen = epoch_.wait_change(seen, spin_ns_);
    if (stop_.load(std::memory_order_relaxed)) return;
    take_pieces(seen, thread);
  }
}

void Workers::take_pieces(uint32_t epoch, int thread) {
  uint64_t seen = state_.load(std::memory_order_acquire);
  while (static_cast<uint32_t>(seen >> 32) == epoch) {
    const uint32_t left = seen & 0xffff, invited = seen >> 16 & 0xffff;
    if (left == 0 || static_cast<uint32_t>(thread) >= invited) return;
    if (!state_.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      continue;
    }
    const int64_t begin = (pieces_ - left) * chunk_;
    task_(context_, begin, std::min(begin + chunk_, count_), thread);
    if (unfinished_.value.fetch_sub(1) == 1) unfinished_.wake();
    seen = state_.load(std::memory_order_acquire);
  }
}

void Workers::run(int64_t count, int64_t grain, int threads, Task task, const void* context) {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    task(context, 0, count, 0);
    return;
  }
  const int64_t most = int64_t{kPiecesPerThread} * threads;
  const int64_t chunk = (count + most - 1) / most;
  task_ = task;
  context_ = context;
  count_ = count;
  chunk_ = (chunk + grain - 1) / grain * grain;
  pieces_ = static_cast<uint32_t>((count + chunk_ - 1) / chunk_);
  unfinished_.value.store(pieces_, std::memory_order_relaxed);
  const uint32_t epoch = epoch_.value.load(std::memory_order_relaxed) + 1;
  state_.store(uint64_t{epoch} << 32 | static_cast<uint64_t>(threads) << 16 | pieces_,
               std::memory_order_release);
  epoch_.value.store(epoch);
  epoch_.wake();
  take_pieces(epoch, 0);
  uint32_t left = unfinished_.value.load(std::memory_order_acquire);
  while (left != 0) left = unfinished_.wait_change(left, spin_ns_);
  busy_.store(false, std::memory_order_release);
}

}  // namespace fettle::runtime
