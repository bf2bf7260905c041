// SPDX-License-Identifier: Apache-2.0
#include "measure/sampling.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/clock.h"
#include "device/measure.h"
#include "device/run_counters.h"

namespace fettle::measure {

namespace {

using device::JitterCounters;
using device::RunCounts;

// The machine's counters cost a tenth of a millisecond and are read so often.
constexpr int64_t kWindowNs = 250'000'000;
constexpr int64_t kTellNs = 100'000'000;
constexpr size_t kReserved = size_t{1} << 16;

int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

void sleep_until(int64_t ns) {
  const timespec t{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) continue;
}

class Sampling {
 public:
  Sampling(runtime::Session& session, const SamplingOptions& options)
      : session_(session), options_(options), counters_(session.worker_ids()) {
    samples_.counted.waiting = counters_.counts_waiting();
    samples_.counting_us = counters_.cost_us();
    if (options.fps > 0) period_ns_ = static_cast<int64_t>(1e9 / options.fps);
    // Touched now, so that no page faults come between the runs.
    samples_.runs.resize(options.iterations > 0 ? static_cast<size_t>(options.iterations)
                                                : kReserved);
    samples_.runs.clear();
  }

  Result<Samples> run() {
    if (options_.floor) FETTLE_TRY(size_floor());
    const JitterCounters first = JitterCounters::read();
    window_ = first;
    samples_.began_unix_ms = unix_ms();
    clock_mhz_ = device::look_at_clock_mhz();
    start_ = told_ = window_start_ = now_ns();
    for (int64_t due = start_; !done(); due += period_ns_) {
      FETTLE_TRY(one_run(&due));
      if (options_.floor) run_floor();
      between_runs();
    }
    samples_.took_s = static_cast<double>(now_ns() - start_) / 1e9;
    close_window();
    samples_.jitter = device::delta(first, window_);
    samples_.counted.clock = clock_mhz_ > 0;
    samples_.counted.throttling =
        samples_.jitter.throttle_events.has_value() || samples_.jitter.throttled.has_value();
    if (period_ns_ > 0) {
      samples_.pacing = Pacing{options_.fps, dropped_, device::summarize(wakes_us_)};
    }
    return std::move(samples_);
  }

 private:
  bool done() const {
    const auto taken = static_cast<int64_t>(samples_.runs.size());
    if (options_.iterations > 0) return taken >= options_.iterations;
    return taken >= options_.least_samples &&
           static_cast<double>(now_ns() - start_) >= options_.seconds * 1e9;
  }

  // Sleeps until the run is due, or takes the latest that is. How late it is then.
  int64_t wait_for(int64_t* due, RunRecord* record) {
    if (period_ns_ == 0) return 0;
    const int64_t before = now_ns();
    if (before >= *due + period_ns_) {
      const int64_t missed = (before - *due) / period_ns_;
      dropped_ += missed;
      *due += missed * period_ns_;
    }
    if (before < *due) sleep_until(*due);
    const int64_t now = now_ns();
    record->pause_us = static_cast<double>(std::max<int64_t>(0, now - before)) / 1e3;
    wakes_us_.push_back(static_cast<double>(now - *due) / 1e3);
    return now - *due;
  }

  Status one_run(int64_t* due) {
    RunRecord r;
    const int64_t late_ns = wait_for(due, &r);
    const RunCounts before = counters_.read();
    const int64_t start = now_ns();
    FETTLE_TRY(session_.run());
    const int64_t end = now_ns();
    const RunCounts after = counters_.read();
    const RunCounts d = after - before;
    const double mhz = device::look_at_clock_mhz();
    r.us = static_cast<double>(end - start + late_ns) / 1e3;
    r.at_s = static_cast<double>(start - start_) / 1e9;
    r.waited_us = static_cast<double>(d.waited_ns) / 1e3;
    // A thread that slept was away of its own will, for a time that nobody counted.
    if (d.voluntary_switches == 0 && samples_.counted.waiting) {
      const int64_t away = end - start - d.cpu_ns - d.own_waited_ns;
      r.stolen_us = static_cast<double>(std::max<int64_t>(0, away)) / 1e3;
    }
    r.clock_mhz = std::min(mhz, clock_mhz_);
    clock_mhz_ = mhz;
    r.minor_faults = static_cast<int32_t>(d.minor_faults);
    r.major_faults = static_cast<int32_t>(d.major_faults);
    r.voluntary_switches = static_cast<int32_t>(d.voluntary_switches);
    r.involuntary_switches = static_cast<int32_t>(d.involuntary_switches);
    r.moved = before.cpu != after.cpu;
    samples_.runs.push_back(r);
    return {};
  }

  Status size_floor() {
    double least_us = 0;
    for (int i = 0; i < 5; ++i) {
      const int64_t start = now_ns();
      FETTLE_TRY(session_.run());
      const double us = static_cast<double>(now_ns() - start) / 1e3;
      least_us = i == 0 ? us : std::min(least_us, us);
    }
    floor_rounds_ = device::add_chain_rounds(least_us);
    return {};
  }

  void run_floor() {
    const int64_t start = now_ns();
    device::run_add_chain(floor_rounds_);
    samples_.floor_us.push_back(static_cast<double>(now_ns() - start) / 1e3);
  }

  void between_runs() {
    const int64_t now = now_ns();
    if (now - window_start_ > kWindowNs) {
      close_window();
      window_start_ = now;
    }
    if (!options_.progress || now - told_ < kTellNs) return;
    told_ = now;
    const auto taken = static_cast<double>(samples_.runs.size());
    const double by_time = static_cast<double>(now - start_) / 1e9 / options_.seconds;
    options_.progress(
        options_.iterations > 0
            ? taken / static_cast<double>(options_.iterations)
            : std::min({1.0, by_time, taken / static_cast<double>(options_.least_samples)}));
  }

  void close_window() {
    const JitterCounters now = JitterCounters::read();
    const JitterCounters d = device::delta(window_, now);
    const bool held = d.throttle_events.value_or(0) > 0 || d.throttled.value_or(false);
    for (; marked_ < samples_.runs.size(); ++marked_) samples_.runs[marked_].held_down = held;
    window_ = now;
  }

  runtime::Session& session_;
  const SamplingOptions& options_;
  const device::RunCounters counters_;
  Samples samples_;
  std::vector<double> wakes_us_;
  JitterCounters window_;
  int64_t period_ns_ = 0, start_ = 0, told_ = 0, window_start_ = 0, dropped_ = 0;
  int64_t floor_rounds_ = 0;
  size_t marked_ = 0;
  double clock_mhz_ = 0;
};

}  // namespace

std::vector<double> Samples::times_us() const {
  std::vector<double> times;
  times.reserve(runs.size());
  for (const RunRecord& r : runs) times.push_back(r.us);
  return times;
}

Result<Samples> take_samples(runtime::Session& session, const SamplingOptions& options) {
  return Sampling(session, options).run();
}

}  // namespace fettle::measure
