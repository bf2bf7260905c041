// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "cli/bench_report.h"
#include "measure/latency_text.h"

namespace fettle::cli {

namespace {

using Integer = long long;

void print_text(const std::string& text) { std::fputs(text.c_str(), stdout); }

std::string cores_text(const std::vector<int>& cores) {
  std::string text;
  for (const int core : cores) text += (text.empty() ? "" : ",") + std::to_string(core);
  return text;
}

void print_setting(const BenchOutcome& o) {
  std::printf("threads  %10d", o.placement.threads);
  if (!o.placement.cores.empty()) {
    std::printf(" on processors %s", cores_text(o.placement.cores).c_str());
  }
  if (o.fifo_priority > 0) std::printf(", SCHED_FIFO %d", o.fifo_priority);
  if (o.locked_bytes > 0) {
    std::printf(", %.1f MiB locked", static_cast<double>(o.locked_bytes) / (1 << 20));
  }
  std::printf("\n");
  if (o.load) {
    std::printf("beside   %10d busy processes, %d in memory and %d in registers", o.load->processes,
                o.load->memory_bound, o.load->processes - o.load->memory_bound);
    if (!o.load->cores.empty()) {
      std::printf(", on processors %s", cores_text(o.load->cores).c_str());
    }
    std::printf(": %.1f s of processor time in %.1f s\n", o.load->cpu_s, o.report.samples.took_s);
  }
}

void print_layers(const BenchOutcome& o) {
  double total = 0, limit = 0, macs = 0;
  for (const measure::StepTime& s : o.report.steps) total += s.median_us;
  std::printf("\n%-14s %-34s %-22s %9s %6s %9s %8s", "operator", "name", "kernel", "us", "%", "KiB",
              "GMAC/s");
  std::printf(o.limits ? " %8s  %s\n" : "\n", "limit %", "of");
  for (size_t i = 0; i < o.report.steps.size(); ++i) {
    const measure::StepTime& s = o.report.steps[i];
    std::printf("%-14s %-34.34s %-22s %9.1f %6.1f %9.1f %8.1f", s.op.c_str(), s.name.c_str(),
                s.kernel.c_str(), s.median_us, 100 * s.median_us / total,
                static_cast<double>(s.bytes) / 1024,
                static_cast<double>(s.macs) / s.median_us / 1e3);
    macs += static_cast<double>(s.macs);
    if (o.limits) {
      limit += o.step_limits[i].us;
      std::printf(" %8.1f  %s", 100 * o.step_limits[i].us / s.median_us,
                  o.step_limits[i].memory_bound ? "memory" : "compute");
    }
    std::printf("\n");
  }
  std::printf("%-14s %-34s %-22s %9.1f %6.1f %9s %8.1f", "all", "", "", total, 100.0, "",
              macs / total / 1e3);
  std::printf(o.limits ? " %8.1f\n" : "\n", 100 * limit / total);
  if (!o.limits) return;
  std::printf("limits measured here with %d thread%s:", o.limits->threads,
              o.limits->threads == 1 ? "" : "s");
  if (o.limits->f32_gmacs > 0) std::printf(" %.0f GMAC/s in f32,", o.limits->f32_gmacs);
  if (o.limits->i8_gmacs > 0) std::printf(" %.0f GMAC/s in i8,", o.limits->i8_gmacs);
  if (o.limits->i16_gmacs > 0) std::printf(" %.0f GMAC/s in i16,", o.limits->i16_gmacs);
  std::printf(" %.1f GB/s reading %.1f MiB over and over\n", o.limits->read_gbps,
              static_cast<double>(o.limits->touched_bytes) / (1 << 20));
}

}  // namespace

void print(const BenchOutcome& o, bool layers) {
  const measure::BenchReport& r = o.report;
  std::printf("load     %10.3f ms, first run %.3f ms%s\n", o.load_ms, r.first_run_us / 1e3,
              o.deadline_us > 0 && r.first_run_us > o.deadline_us ? ": over the deadline" : "");
  print_setting(o);
  std::printf("memory   %10.1f KiB arena, %.1f KiB scratch, %.1f KiB packed weights\n",
              static_cast<double>(o.memory.arena) / 1024,
              static_cast<double>(o.memory.scratch) / 1024,
              static_cast<double>(o.memory.packed_weights) / 1024);
  if (o.memory.windows > 0) {
    std::printf("stripes  %10.1f KiB of the scratch hold rows between layers\n",
                static_cast<double>(o.memory.windows) / 1024);
  }
  if (o.memory.unstriped > 0) {
    std::printf("         %10.1f KiB more: %zu chains run in pieces\n",
                static_cast<double>(o.memory.unstriped) / 1024, o.cut_chains);
  }
  std::printf("samples  %10lld in %.1f s", static_cast<Integer>(r.latency.samples),
              r.samples.took_s);
  if (r.samples.pacing) {
    std::printf(", %g a second, %lld dropped", r.samples.pacing->fps,
                static_cast<Integer>(r.samples.pacing->dropped));
  }
  std::printf("\nmean     %10.3f ms, least %.3f\n", r.latency.mean_us / 1e3,
              r.latency.min_us / 1e3);
  print_text(measure::text_of(r.latency));
  if (r.samples.pacing) {
    std::printf("of which until it woke up:\n");
    print_text(measure::text_of(r.samples.pacing->wake, " "));
  }
  if (!r.samples.floor_us.empty()) {
    std::printf("as many additions in registers, in turn with the runs:\n");
    print_text(measure::text_of(device::summarize(r.samples.floor_us), " "));
  }
  print_text(measure::text_of(r.late, o.deadline_us > 0));
  for (const std::string& s : o.surroundings) std::printf("note     %s\n", s.c_str());
  if (layers) print_layers(o);
}

Status judge(const BenchOutcome& o) {
  if (o.deadline_us <= 0) return {};
  const std::string name = device::name_of({o.hundredths, {}, 0});
  char limit[32];
  std::snprintf(limit, sizeof limit, "%g ms", o.deadline_us / 1e3);
  const std::string counts = std::to_string(o.deadline.misses) + " of " +
                             std::to_string(o.deadline.samples) + " runs missed " + limit;
  switch (o.deadline.verdict) {
    case device::DeadlineVerdict::met:
      return {};
    case device::DeadlineVerdict::missed:
      return {Code::over_budget, "deadline missed at " + name + ": " + counts};
    case device::DeadlineVerdict::undecided:
      break;
  }
  return {Code::over_budget, "deadline not shown to hold at " + name + ": " + counts + "; " +
                                 std::to_string(o.deadline.samples_needed) + " samples are needed"};
}

}  // namespace fettle::cli
