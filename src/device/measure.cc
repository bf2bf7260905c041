// SPDX-License-Identifier: Apache-2.0
#include "device/measure.h"

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <thread>

#include "base/clock.h"
#include "device/topology.h"

namespace fettle::device {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kTries = 10;

// Of the calling thread: what others run meanwhile does not count.
double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void set_affinity(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) {
    if (cpu < CPU_SETSIZE) CPU_SET(cpu, &set);
  }
  // Where it is refused the measurement is taken wherever the thread runs.
  (void)sched_setaffinity(0, sizeof set, &set);
}

// Calls run(rounds) with more and more rounds until one call takes a try's share of the time, then
// gives the rounds per second of the best of kTries.
template <class Run>
double best_rate(Run&& run, double seconds) {
  const double share = seconds / (kTries + 1);
  int64_t rounds = 1024;
  double took = 0;
  while (true) {
    const double start = thread_seconds();
    run(rounds);
    took = thread_seconds() - start;
    if (took >= share / 4 || rounds >= (int64_t{1} << 40)) break;
    rounds *= 2;
  }
  rounds = std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(rounds) * share / took));
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    const double start = thread_seconds();
    run(rounds);
    best = std::max(best, static_cast<double>(rounds) / (thread_seconds() - start));
  }
  return best;
}

// Sixteen additions that each wait for the one before.
void add_chain(int64_t rounds) {
  uint64_t x = 1;
  const uint64_t y = 3;
  for (int64_t r = 0; r < rounds; ++r) {
#if defined(__x86_64__)
    asm volatile(".rept 16\n\tadd %1, %0\n\t.endr" : "+r"(x) : "r"(y));
#elif defined(__aarch64__)
    asm volatile(".rept 16\n\tadd %0, %0, %1\n\t.endr" : "+r"(x) : "r"(y));
#endif
  }
  asm volatile("" : : "r"(x + y));
}

// 16-byte vectors are the baseline of both architectures; eight chains keep loads coming.
using Vector = uint64_t __attribute__((vector_size(16)));

uint64_t read_all(const Vector* data, size_t count) {
  Vector sum[8] = {};
  for (size_t i = 0; i + 8 <= count; i += 8) {
#pragma GCC unroll 8
    for (size_t j = 0; j < 8; ++j) sum[j] += data[i + j];
  }
  for (int j = 1; j < 8; ++j) sum[0] += sum[j];
  return sum[0][0] + sum[0][1];
}

}  // namespace

PinnedThread::PinnedThread(int cpu) : before_(usable_cpus()) { set_affinity({cpu}); }
PinnedThread::~PinnedThread() { set_affinity(before_); }

double measure_peak_gmacs(const PeakLoop& loop, double seconds) {
  alignas(64) unsigned char sink[64] = {};
  const double rounds = best_rate([&](int64_t n) { loop.run(n, sink); }, seconds);
  return rounds * static_cast<double>(loop.macs_per_round) / 1e9;
}

double measure_clock_mhz(double seconds) {
#if defined(__x86_64__) || defined(__aarch64__)
  return best_rate(add_chain, seconds) * 16 / 1e6;
#else
  (void)add_chain;
  (void)seconds;
  return 0;
#endif
}

double look_at_clock_mhz() {
#if defined(__x86_64__) || defined(__aarch64__)
  constexpr int64_t kRounds = 256;
  int64_t least = INT64_MAX;
  for (int i = 0; i < 2; ++i) {  // the better one: an interrupt makes it longer
    const int64_t start = now_ns();
    add_chain(kRounds);
    least = std::min(least, now_ns() - start);
  }
  return static_cast<double>(kRounds) * 16 * 1e3 / static_cast<double>(std::max<int64_t>(1, least));
#else
  return 0;
#endif
}

void run_add_chain(int64_t rounds) { add_chain(rounds); }

int64_t add_chain_rounds(double us) {
  const double mhz = std::max(look_at_clock_mhz(), look_at_clock_mhz());
  return std::max<int64_t>(1, static_cast<int64_t>(us * mhz / 16));
}

double measure_read_gbps(const std::vector<int>& cpus, size_t bytes, double seconds) {
  const size_t part = bytes / cpus.size() / 256 * 256;
  if (part == 0) return -1;
  void* memory =
      mmap(nullptr, part * cpus.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return -1;
  (void)madvise(memory, part * cpus.size(), MADV_HUGEPAGE);

  // Each thread counts what it has read, piece by piece; the best of several stretches of time is
  // taken, and alone a thread's own time, in which nothing else ran.
  constexpr size_t kPiece = size_t{1} << 20;
  constexpr int kStretches = 8;
  const size_t n = cpus.size();
  std::atomic<size_t> ready{0};
  std::atomic<bool> go{false}, stop{false};
  std::vector<std::atomic<uint64_t>> read(n);
  std::atomic<uint64_t> sink{0};
  double alone = 0;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < n; ++t) {
    threads.emplace_back([&, t] {
      set_affinity({cpus[t]});
      auto* data = static_cast<unsigned char*>(memory) + t * part;
      std::memset(data, 1, part);  // pages, on this core's node
      uint64_t sum = 0;
      size_t at = 0;
      ready.fetch_add(1);
      while (!go.load(std::memory_order_acquire)) std::this_thread::yield();
      const double start = thread_seconds();
      while (!stop.load(std::memory_order_relaxed)) {
        // Small parts are read many times between two looks at the flag.
        for (size_t done = 0; done < kPiece;) {
          const size_t size = std::min(kPiece, part - at);
          asm volatile("" : : "r"(data) : "memory");
          sum += read_all(reinterpret_cast<const Vector*>(data + at), size / sizeof(Vector));
          at = at + size == part ? 0 : at + size;
          done += size;
          read[t].fetch_add(size, std::memory_order_relaxed);
        }
      }
      if (n == 1) alone = static_cast<double>(read[t].load()) / (thread_seconds() - start);
      sink.fetch_add(sum);
    });
  }
  while (ready.load() < n) std::this_thread::sleep_for(std::chrono::microseconds(200));
  go.store(true, std::memory_order_release);
  const auto total = [&] {
    uint64_t sum = 0;
    for (const auto& r : read) sum += r.load(std::memory_order_relaxed);
    return static_cast<double>(sum);
  };
  double best = 0, before = total();
  auto start = Clock::now();
  for (int i = 0; i < kStretches; ++i) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds / kStretches));
    const auto now = Clock::now();
    const double bytes_now = total();
    best =
        std::max(best, (bytes_now - before) / std::chrono::duration<double>(now - start).count());
    before = bytes_now;
    start = now;
  }
  stop.store(true);
  for (std::thread& t : threads) t.join();
  munmap(memory, part * cpus.size());
  return (n == 1 ? alone : best) / 1e9;
}

}  // namespace fettle::device
