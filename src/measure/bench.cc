// SPDX-License-Identifier: Apache-2.0
#include "measure/bench.h"

#include <algorithm>

#include "base/clock.h"
#include "measure/bound_inputs.h"

namespace fettle::measure {

namespace {

int64_t bytes_of(const plan::Plan& plan, const plan::Step& step) {
  int64_t bytes = 0;
  for (const auto* list : {&step.inputs, &step.outputs}) {
    for (const int32_t t : *list) {
      if (t >= 0) bytes += static_cast<int64_t>(plan.tensors[static_cast<size_t>(t)].bytes());
    }
  }
  return bytes;
}

double median(std::vector<int64_t>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

class Bench {
 public:
  Bench(runtime::Session& session, const BenchOptions& options)
      : session_(session), options_(options), inputs_(session, options.inputs) {}

  Result<BenchReport> run() {
    FETTLE_TRY(inputs_.bind());
    const int64_t start = now_ns();
    FETTLE_TRY(session_.run());
    report_.first_run_us = static_cast<double>(now_ns() - start) / 1e3;
    if (options_.settle) FETTLE_TRY(options_.settle());
    for (int64_t i = 0; i < options_.warmup; ++i) FETTLE_TRY(session_.run());
    FETTLE_ASSIGN(report_.samples, take_samples(session_, options_));
    report_.samples_us = report_.samples.times_us();
    report_.latency = device::summarize(report_.samples_us);
    explain();
    if (options_.profile_runs > 0) FETTLE_TRY(profile());
    return std::move(report_);
  }

 private:
  void explain() {
    std::vector<double> sorted = report_.samples_us;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    const double limit =
        options_.late_over_us > 0 ? options_.late_over_us : kLateOverMedian * *middle;
    report_.late = explain_late_runs(report_.samples.runs, limit, *middle, report_.samples.counted);
  }

  Status profile() {
    const plan::Plan& plan = session_.plan();
    std::vector<std::vector<int64_t>> times(plan.steps.size());
    std::vector<int64_t> once(plan.steps.size());
    session_.profile(once);
    Status status;
    for (int64_t r = 0; r < options_.profile_runs && status.ok(); ++r) {
      status = session_.run();
      for (size_t s = 0; s < times.size(); ++s) times[s].push_back(once[s]);
    }
    session_.profile({});
    FETTLE_TRY(std::move(status));
    for (size_t s = 0; s < times.size(); ++s) {
      const plan::Step& step = plan.steps[s];
      report_.steps.push_back({step.op, step.name, std::string(session_.kernel_name(s)),
                               median(times[s]) / 1e3, step.macs, bytes_of(plan, step),
                               session_.threads_of(s)});
    }
    return {};
  }

  runtime::Session& session_;
  const BenchOptions& options_;
  BoundInputs inputs_;
  BenchReport report_;
};

}  // namespace

Result<BenchReport> bench(runtime::Session& session, const BenchOptions& options) {
  return Bench(session, options).run();
}

}  // namespace fettle::measure
