// SPDX-License-Identifier: Apache-2.0
#include "measure/bench.h"

#include <algorithm>
#include <random>

#include "base/clock.h"

namespace fettle::measure {

Tensor random_input(const TensorView& like, uint64_t seed) {
  Tensor t(like.dtype, like.dims);
  std::mt19937_64 random(seed);
  visit_dtype(
      like.dtype,
      [&](auto tag) {
        using T = decltype(tag);
        for (T& v : t.mutable_data<T>()) {
          const double unit = static_cast<double>(random() >> 11) * 0x1p-53;
          if (is_float(like.dtype)) {
            v = static_cast<T>(static_cast<float>(2 * unit - 1));
          } else if (size_of(like.dtype) == 1 && like.dtype != DType::boolean) {
            v = static_cast<T>(static_cast<int>(unit * 256));
          } else {
            v = static_cast<T>(static_cast<int>(unit * 2));
          }
        }
        return 0;
      },
      0);
  return t;
}

namespace {

class Bench {
 public:
  Bench(runtime::Session& session, const BenchOptions& options)
      : session_(session), options_(options) {
    for (size_t i = 0; i < session.inputs(); ++i) {
      inputs_.push_back(random_input(session.input(i), i + 1));
    }
  }

  Result<BenchReport> run() {
    FETTLE_ASSIGN(report_.first_run_us, timed_run());
    for (int64_t i = 0; i < options_.warmup; ++i) {
      FETTLE_ASSIGN([[maybe_unused]] const double us, timed_run());
    }
    FETTLE_TRY(sample());
    report_.latency = device::summarize(report_.samples_us);
    FETTLE_TRY(profile());
    return std::move(report_);
  }

 private:
  Result<double> timed_run() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      FETTLE_TRY(session_.set_input(i, inputs_[i].view()));
    }
    const int64_t start = now_ns();
    FETTLE_TRY(session_.run());
    return static_cast<double>(now_ns() - start) / 1e3;
  }

  Status sample() {
    const int64_t planned = options_.iterations;
    report_.samples_us.reserve(planned > 0 ? static_cast<size_t>(planned) : size_t{1} << 16);
    const device::JitterCounters before = device::JitterCounters::read();
    const int64_t start = now_ns();
    int64_t told = start;
    const auto limit = static_cast<int64_t>(options_.seconds * 1e9);
    while (true) {
      const int64_t now = now_ns();
      const auto done = static_cast<int64_t>(report_.samples_us.size());
      if (planned > 0 ? done >= planned : now - start >= limit && done > 0) break;
      if (options_.progress && now - told > 100'000'000) {
        told = now;
        options_.progress(planned > 0
                              ? static_cast<double>(done) / static_cast<double>(planned)
                              : static_cast<double>(now - start) / static_cast<double>(limit));
      }
      FETTLE_ASSIGN(const double us, timed_run());
      report_.samples_us.push_back(us);
    }
    report_.jitter = device::delta(before, device::JitterCounters::read());
    return {};
  }

  Status profile() {
    const auto& steps = session_.plan().steps;
    std::vector<std::vector<int64_t>> times(steps.size());
    std::vector<int64_t> once(steps.size());
    session_.profile(once);
    for (int64_t r = 0; r < options_.profile_runs; ++r) {
      FETTLE_ASSIGN([[maybe_unused]] const double us, timed_run());
      for (size_t s = 0; s < steps.size(); ++s) times[s].push_back(once[s]);
    }
    session_.profile({});
    for (size_t s = 0; s < steps.size(); ++s) {
      double median = 0;
      if (!times[s].empty()) {
        std::nth_element(times[s].begin(),
                         times[s].begin() + static_cast<int64_t>(times[s].size() / 2),
                         times[s].end());
        median = static_cast<double>(times[s][times[s].size() / 2]) / 1e3;
      }
      report_.steps.push_back({steps[s].op, steps[s].name, std::string(session_.kernel_name(s)),
                               median, steps[s].macs});
    }
    return {};
  }

  runtime::Session& session_;
  const BenchOptions& options_;
  std::vector<Tensor> inputs_;
  BenchReport report_;
};

}  // namespace

Result<BenchReport> bench(runtime::Session& session, const BenchOptions& options) {
  return Bench(session, options).run();
}

}  // namespace fettle::measure
