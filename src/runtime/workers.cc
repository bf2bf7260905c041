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
// Threads end together within one of them.
constexpr int64_t kPiecesPerThread = 32;
static_assert(kPiecesPerThread * Workers::kMaxThreads < 1 << 16);

Status refused(const char* what, int thread, int threads, int error) {
  return Status(Code::failed, std::string(what) + " thread " + std::to_string(thread + 1) + " of " +
                                  std::to_string(threads) + ": " + std::strerror(error));
}

}  // namespace

Workers::Workers(const WorkerOptions& options)
    : threads_(options.threads),
      spin_ns_(options.spin_us * 1000),
      shares_(std::make_unique<Share[]>(static_cast<size_t>(options.threads))) {
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
    take_part(seen, thread);
  }
}

bool Workers::take(Share& share, uint32_t epoch, bool own, Pieces* taken) {
  uint64_t seen = share.pieces.load(std::memory_order_acquire);
  while (static_cast<uint32_t>(seen >> 32) == epoch) {
    const uint32_t begin = seen >> 16 & 0xffff, end = seen & 0xffff;
    if (begin == end) return false;
    const uint32_t some = (end - begin + 2) / 3;
    const uint64_t rest = own ? seen + (uint64_t{some} << 16) : seen - some;
    if (share.pieces.compare_exchange_weak(seen, rest, std::memory_order_acq_rel,
                                           std::memory_order_acquire)) {
      *taken = own ? Pieces{begin, begin + some} : Pieces{end - some, end};
      return true;
    }
  }
  return false;
}

void Workers::run_pieces(const Pieces& pieces, int thread) {
  const int64_t begin = grains_ * pieces.begin / pieces_ * grain_;
  const int64_t end = grains_ * pieces.end / pieces_ * grain_;
  task_(context_, begin, std::min(end, count_), thread);
  const uint32_t done = pieces.end - pieces.begin;
  if (unfinished_.value.fetch_sub(done) == done) unfinished_.wake();
}

void Workers::take_part(uint32_t epoch, int thread) {
  Share& own = shares_[static_cast<size_t>(thread)];
  Pieces pieces;
  while (take(own, epoch, true, &pieces)) run_pieces(pieces, thread);
  // Not invited, or late: the share is of another loop, and so may be the others'.
  if (own.pieces.load(std::memory_order_acquire) >> 32 != epoch) return;
  for (int i = 1; i < threads_; ++i) {
    Share& other = shares_[static_cast<size_t>((thread + i) % threads_)];
    while (take(other, epoch, false, &pieces)) run_pieces(pieces, thread);
  }
}

void Workers::run(int64_t count, int64_t grain, int threads, Task task, const void* context) {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    task(context, 0, count, 0);
    return;
  }
  task_ = task;
  context_ = context;
  count_ = count;
  grain_ = grain;
  grains_ = (count + grain - 1) / grain;
  pieces_ = std::min(grains_, kPiecesPerThread * threads);
  unfinished_.value.store(static_cast<uint32_t>(pieces_), std::memory_order_relaxed);
  const uint32_t epoch = epoch_.value.load(std::memory_order_relaxed) + 1;
  for (int t = 0; t < threads_; ++t) {
    const auto first = static_cast<uint64_t>(pieces_ * t / threads);
    const auto end = static_cast<uint64_t>(pieces_ * (t + 1) / threads);
    // One that is not invited gets no share, of no loop.
    const uint64_t share =
        t < threads ? uint64_t{epoch} << 32 | first << 16 | end : uint64_t{epoch - 1} << 32;
    shares_[static_cast<size_t>(t)].pieces.store(share, std::memory_order_release);
  }
  epoch_.value.store(epoch);
  epoch_.wake();
  take_part(epoch, 0);
  uint32_t left = unfinished_.value.load(std::memory_order_acquire);
  while (left != 0) left = unfinished_.wait_change(left, spin_ns_);
  busy_.store(false, std::memory_order_release);
}

}  // namespace fettle::runtime
