// SPDX-License-Identifier: Apache-2.0
//
// fettle bench MODEL [--threads N] [--deadline-ms X] [--seconds S] [--iterations N] ...
#include "measure/bench.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "ops/op.h"

namespace fettle::cli {

namespace {

struct BenchArguments {
  ModelOptions model;
  measure::BenchOptions bench;
  double deadline_ms = 0;
  bool samples = false, layers = false, portable = false;
};

void add_optional(nlohmann::json& j, const char* key, const auto& value) {
  if (value) j[key] = *value;
}

nlohmann::json to_json(const measure::BenchReport& r, const runtime::Session& session,
                       double load_ms, bool samples) {
  nlohmann::json j{{"samples", r.latency.samples},   {"mean_us", r.latency.mean_us},
                   {"min_us", r.latency.min_us},     {"max_us", r.latency.max_us},
                   {"first_run_us", r.first_run_us}, {"load_ms", load_ms}};
  for (const device::Percentile& p : r.latency.percentiles) {
    const std::string key = device::name_of(p) + "_us";
    if (p.value_us) {
      j[key] = *p.value_us;
    } else {
      j[key] = nullptr;
      j["samples_needed"][device::name_of(p)] = p.samples_needed;
    }
  }
  const device::JitterCounters& c = r.jitter;
  nlohmann::json causes{{"minor_faults", c.minor_faults},
                        {"major_faults", c.major_faults},
                        {"voluntary_switches", c.voluntary_switches},
                        {"involuntary_switches", c.involuntary_switches}};
  add_optional(causes, "migrations", c.migrations);
  add_optional(causes, "steal_us", c.steal_us);
  add_optional(causes, "interrupt_us", c.interrupt_us);
  add_optional(causes, "throttle_events", c.throttle_events);
  j["jitter"] = causes;
  const runtime::MemoryReport m = session.memory();
  j["memory"] = {{"arena_bytes", m.arena},
                 {"scratch_bytes", m.scratch},
                 {"window_bytes", m.windows},
                 {"unstriped_bytes", m.unstriped},
                 {"packed_weight_bytes", m.packed_weights},
                 {"weight_bytes", m.plan_weights}};
  for (const measure::StepTime& s : r.steps) {
    j["layers"].push_back({{"op", s.op},
                           {"name", s.name},
                           {"kernel", s.kernel},
                           {"median_us", s.median_us},
                           {"macs", s.macs}});
  }
  if (samples) j["samples_us"] = r.samples_us;
  return j;
}

void print_layers(const measure::BenchReport& r) {
  double total = 0;
  for (const measure::StepTime& s : r.steps) total += s.median_us;
  std::printf("\n%-14s %-34s %-22s %9s %6s %8s\n", "operator", "name", "kernel", "us", "%",
              "GMAC/s");
  for (const measure::StepTime& s : r.steps) {
    std::printf("%-14s %-34.34s %-22s %9.1f %6.1f %8.1f\n", s.op.c_str(), s.name.c_str(),
                s.kernel.c_str(), s.median_us, 100 * s.median_us / total,
                static_cast<double>(s.macs) / s.median_us / 1e3);
  }
}

void print(const measure::BenchReport& r, const runtime::Session& session, double load_ms) {
  std::printf("load     %10.3f ms, first run %.3f ms\n", load_ms, r.first_run_us / 1e3);
  std::printf("samples  %10lld\n", static_cast<long long>(r.latency.samples));
  std::printf("mean     %10.3f ms, least %.3f, most %.3f\n", r.latency.mean_us / 1e3,
              r.latency.min_us / 1e3, r.latency.max_us / 1e3);
  for (const device::Percentile& p : r.latency.percentiles) {
    if (p.value_us) {
      std::printf("%-8s %10.3f ms\n", device::name_of(p).c_str(), *p.value_us / 1e3);
    } else {
      std::printf("%-8s          - too few samples: needs %lld\n", device::name_of(p).c_str(),
                  static_cast<long long>(p.samples_needed));
    }
  }
  const runtime::MemoryReport m = session.memory();
  std::printf("memory   %10.1f KiB arena, %.1f KiB scratch, %.1f KiB packed weights\n",
              static_cast<double>(m.arena) / 1024, static_cast<double>(m.scratch) / 1024,
              static_cast<double>(m.packed_weights) / 1024);
  if (m.windows > 0) {
    std::printf("stripes  %10.1f KiB of the scratch hold rows between layers\n",
                static_cast<double>(m.windows) / 1024);
  }
  if (m.unstriped > 0) {
    std::printf("         %10.1f KiB more: %zu chains run whole, their kernels take no rows\n",
                static_cast<double>(m.unstriped) / 1024, session.unstriped_chains());
  }
  std::printf("jitter   page faults %lld + %lld, switched out %lld + %lld times",
              static_cast<long long>(r.jitter.minor_faults),
              static_cast<long long>(r.jitter.major_faults),
              static_cast<long long>(r.jitter.involuntary_switches),
              static_cast<long long>(r.jitter.voluntary_switches));
  if (r.jitter.migrations) {
    std::printf(", moved core %lld times", static_cast<long long>(*r.jitter.migrations));
  }
  if (r.jitter.steal_us) {
    std::printf(", stolen %.1f ms", static_cast<double>(*r.jitter.steal_us) / 1e3);
  }
  std::printf("\n");
}

// The gate: met, or why not.
Status judge(const measure::BenchReport& r, double deadline_ms) {
  constexpr int kP99 = 9900;
  const auto verdict = device::judge_deadline(r.samples_us, deadline_ms * 1e3, kP99);
  const std::string counts = std::to_string(verdict.misses) + " of " +
                             std::to_string(verdict.samples) + " runs missed " +
                             std::to_string(deadline_ms) + " ms";
  switch (verdict.verdict) {
    case device::DeadlineVerdict::met:
      return {};
    case device::DeadlineVerdict::missed:
      return {Code::over_budget, "deadline missed: " + counts};
    case device::DeadlineVerdict::undecided:
      break;
  }
  return {Code::over_budget, "deadline not shown to hold at P99: " + counts + "; " +
                                 std::to_string(verdict.samples_needed) + " samples are needed"};
}

Status bench(const BenchArguments& a) {
  FETTLE_ASSIGN(const auto options, a.model.compile_options());
  const int64_t start = now_ns();
  FETTLE_ASSIGN(const auto compiled, compile::load_model(a.model.model, options));
  runtime::SessionOptions session_options;
  session_options.threads = a.model.thread_count();
  session_options.portable_only = a.portable;
  FETTLE_ASSIGN(auto session,
                runtime::Session::load(compiled.plan, ops::find_portable, session_options));
  const double load_ms = static_cast<double>(now_ns() - start) / 1e6;
  Progress progress("sampling");
  measure::BenchOptions bench_options = a.bench;
  bench_options.progress = progress.callback();
  FETTLE_ASSIGN(const auto report, measure::bench(*session, bench_options));
  progress.show(1);
  if (a.model.json) {
    std::puts(to_json(report, *session, load_ms, a.samples).dump().c_str());
  } else {
    print(report, *session, load_ms);
    if (a.layers) print_layers(report);
  }
  return a.deadline_ms > 0 ? judge(report, a.deadline_ms) : Status();
}

}  // namespace

Status bench_command(const std::vector<std::string>& args) {
  CLI::App app("Latency percentiles, jitter and a profile of a model on this machine", "bench");
  BenchArguments a;
  a.model.add_to(app);
  app.add_option("--deadline-ms", a.deadline_ms, "fail (exit 4) unless P99 is shown to hold it")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", a.bench.seconds, "how long to sample (default 3)")
      ->check(CLI::Range(0.001, 86400.0));
  app.add_option("--iterations", a.bench.iterations, "how many samples, in place of --seconds")
      ->check(CLI::Range(int64_t{1}, int64_t{100'000'000}));
  app.add_option("--warmup", a.bench.warmup, "runs before the first sample (default 10)")
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000}));
  app.add_flag("--samples", a.samples, "with --json: every sample, in order of time");
  app.add_flag("--layers", a.layers, "a line for each layer");
  app.add_flag("--portable", a.portable, "the reference implementation of every operator");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  return done ? Status() : bench(a);
}

}  // namespace fettle::cli
