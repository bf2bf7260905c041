// SPDX-License-Identifier: Apache-2.0
//
// fettle bench MODEL [--threads N] [--deadline-ms X] [--seconds S] [--iterations N] ...
#include "measure/bench.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/clock.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/bench_report.h"
#include "cli/loop_options.h"
#include "cli/progress.h"
#include "measure/competing_load.h"
#include "measure/hdr_histogram.h"
#include "ops/portable.h"
#include "realtime/surroundings.h"

namespace fettle::cli {

namespace {

struct BenchArguments {
  ModelOptions model;
  LoopOptions loop;
  measure::BenchOptions bench;
  double seconds = 0;  // 0: not given
  double deadline_ms = 0, percentile = 99;
  int load = 0;
  std::string load_cores, hdr_file;
  bool samples = false, layers = false, portable = false;
};

// What a deadline needs to be judged, unless the caller says how long or how often.
measure::BenchOptions sampling_of(const BenchArguments& a, int hundredths) {
  measure::BenchOptions options = a.bench;
  if (a.seconds > 0) options.seconds = a.seconds;
  if (a.deadline_ms > 0) {
    options.late_over_us = a.deadline_ms * 1e3;
    if (a.seconds <= 0) options.least_samples = device::samples_needed(hundredths, 1);
  }
  return options;
}

// A run that was dropped has missed every deadline.
device::DeadlineReport judge_all(const measure::BenchReport& report, double deadline_us,
                                 int hundredths) {
  std::vector<double> times = report.samples_us;
  if (report.samples.pacing) {
    times.resize(times.size() + static_cast<size_t>(report.samples.pacing->dropped), INFINITY);
  }
  return device::judge_deadline(times, deadline_us, hundredths);
}

void add_limits(BenchOutcome* outcome, const plan::Plan& plan) {
  std::vector<int> cores = outcome->placement.cores;
  if (cores.empty()) cores = device::usable_cpus();
  cores.resize(std::min(cores.size(), static_cast<size_t>(outcome->placement.threads)));
  outcome->limits = measure::measure_limits(plan, detect_isa(), cores);
  for (size_t s = 0; s < plan.steps.size(); ++s) {
    outcome->step_limits.push_back(measure::limit_of(
        outcome->report.steps[s], measure::compute_type(plan, plan.steps[s]), *outcome->limits));
  }
}

Status bench(const BenchArguments& a) {
  BenchOutcome outcome;
  FETTLE_ASSIGN(outcome.placement, a.loop.place(a.model.threads));
  FETTLE_ASSIGN(const auto options, a.model.compile_options());
  std::vector<int> load_cores;
  if (!a.load_cores.empty()) {
    realtime::LoopRequest where;
    where.cores = a.load_cores;
    FETTLE_ASSIGN(const device::Placement placement, where.place(0));
    load_cores = placement.cores;
  }
  // First of all: it may only be started while this process has one thread.
  FETTLE_ASSIGN(const auto load, measure::CompetingLoad::start(a.load, load_cores));

  const int64_t start = now_ns();
  FETTLE_ASSIGN(auto compiled, compile::load_model(a.model.model, options));
  compiled.graph.reset();
  runtime::SessionOptions session_options;
  session_options.threads = outcome.placement.threads;
  session_options.cores = outcome.placement.cores;
  session_options.portable_only = a.portable;
  FETTLE_ASSIGN(auto session,
                runtime::Session::load(compiled.plan, ops::find_portable, session_options));
  outcome.load_ms = static_cast<double>(now_ns() - start) / 1e6;
  outcome.memory = session->memory();
  outcome.cut_chains = session->cut_chains();
  FETTLE_TRY(realtime::place_caller(outcome.placement));

  const int hundredths = static_cast<int>(std::lround(a.percentile * 100));
  Progress progress("sampling");
  measure::BenchOptions bench_options = sampling_of(a, hundredths);
  bench_options.progress = progress.callback();
  double load_before_s = 0;
  bench_options.settle = [&]() -> Status {
    FETTLE_ASSIGN(outcome.locked_bytes, a.loop.settle(*session));
    load_before_s = load->cpu_seconds();
    return {};
  };
  FETTLE_ASSIGN(outcome.report, measure::bench(*session, bench_options));
  a.loop.unsettle(*session);
  if (a.load > 0) {
    outcome.load = LoadReport{load->processes(), load->memory_bound(), load_cores,
                              load->cpu_seconds() - load_before_s};
  }
  progress.show(1);

  outcome.fifo_priority = a.loop.fifo_priority;
  outcome.surroundings = realtime::unsteady_surroundings(
      outcome.placement.cores.empty() ? device::usable_cpus() : outcome.placement.cores,
      a.loop.fifo_priority > 0);
  if (a.deadline_ms > 0) {
    outcome.deadline_us = a.deadline_ms * 1e3;
    outcome.hundredths = hundredths;
    outcome.deadline = judge_all(outcome.report, outcome.deadline_us, hundredths);
  }
  if (a.layers) add_limits(&outcome, session->plan());
  if (!a.hdr_file.empty()) {
    FETTLE_ASSIGN(const std::string log, measure::hdr_log(outcome.report.samples.runs,
                                                          outcome.report.samples.began_unix_ms));
    FETTLE_TRY(write_file(a.hdr_file, log));
  }
  if (a.model.json) {
    std::puts(to_json(outcome, a.samples).dump().c_str());
  } else {
    print(outcome, a.layers);
  }
  return judge(outcome);
}

}  // namespace

Status bench_command(const std::vector<std::string>& args) {
  CLI::App app("Latency percentiles, why late runs were late, and a profile of a model here",
               "bench");
  BenchArguments a;
  a.model.add_to(app);
  a.loop.add_to(app);
  app.add_option("--deadline-ms", a.deadline_ms, "fail (exit 4) unless it is shown to be held")
      ->check(CLI::PositiveNumber);
  app.add_option("--deadline-percentile", a.percentile,
                 "by how many of a hundred runs it has to be held (default 99)")
      ->check(CLI::Range(50.0, 99.99));
  app.add_option("--seconds", a.seconds,
                 "how long to sample (default 3, or as long as the deadline's percentile needs)")
      ->check(CLI::Range(0.001, 86400.0));
  app.add_option("--iterations", a.bench.iterations, "how many samples, in place of --seconds")
      ->check(CLI::Range(int64_t{1}, int64_t{100'000'000}));
  app.add_option("--warmup", a.bench.warmup, "runs before the first sample (default 10)")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000}));
  app.add_option("--fps", a.bench.fps, "a run is due so many times a second, sleeping in between")
      ->check(CLI::Range(0.01, 1e5));
  app.add_option("--load", a.load, "busy processes beside it, in memory and in registers")
      ->check(CLI::Range(0, 256));
  app.add_option("--load-cores", a.load_cores, "where they run (default: anywhere)");
  app.add_option("--hdr", a.hdr_file, "write the latencies as a HdrHistogram log");
  app.add_flag("--floor", a.bench.floor,
               "beside each run additions that take as long: what this machine does to them");
  app.add_flag("--samples", a.samples, "with --json: every sample, in order of time");
  app.add_flag("--layers", a.layers, "a line for each layer, against this machine's limits");
  app.add_flag("--portable", a.portable, "the reference implementation of every operator");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  return done ? Status() : bench(a);
}

}  // namespace fettle::cli
