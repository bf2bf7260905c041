// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_report.h"

namespace fettle::cli {

namespace {

using nlohmann::json;

void add_percentiles(json* j, const device::LatencySummary& latency) {
  for (const device::Percentile& p : latency.percentiles) {
    const std::string key = device::name_of(p) + "_us";
    if (p.value_us) {
      (*j)[key] = *p.value_us;
    } else {
      (*j)[key] = nullptr;
      (*j)["samples_needed"][device::name_of(p)] = p.samples_needed;
    }
  }
}

void add_optional(json* j, const char* key, const auto& value) {
  if (value) (*j)[key] = *value;
}

// Inside runs where the kernel's counts allow it; of the machine the rest.
json jitter_of(const measure::Samples& samples) {
  int64_t minor = 0, major = 0, voluntary = 0, involuntary = 0, moved = 0;
  double waited_us = 0, stolen_us = 0;
  for (const measure::RunRecord& r : samples.runs) {
    minor += r.minor_faults;
    major += r.major_faults;
    voluntary += r.voluntary_switches;
    involuntary += r.involuntary_switches;
    moved += r.moved;
    waited_us += r.waited_us;
    stolen_us += r.stolen_us;
  }
  json j{{"minor_faults", minor},
         {"major_faults", major},
         {"voluntary_switches", voluntary},
         {"involuntary_switches", involuntary},
         {"moved_runs", moved}};
  if (samples.counted.waiting) {
    j["waited_us"] = waited_us;
    j["stolen_us"] = stolen_us;
  }
  const device::JitterCounters& machine = samples.jitter;
  add_optional(&j, "migrations", machine.migrations);
  add_optional(&j, "machine_steal_us", machine.steal_us);
  add_optional(&j, "machine_interrupt_us", machine.interrupt_us);
  add_optional(&j, "throttle_events", machine.throttle_events);
  add_optional(&j, "throttled", machine.throttled);
  return j;
}

json late_of(const measure::LateRuns& late) {
  json j{{"over_us", late.limit_us},
         {"runs", late.late},
         {"other_runs", late.others},
         {"excess_ms", late.excess_ms},
         {"unexplained", late.unexplained}};
  for (const measure::Cause& c : late.causes) {
    json cause{{"cause", c.name}, {"counted", c.counted}};
    if (c.counted) {
      cause["late"] = c.late;
      cause["others"] = c.others;
      cause["explains"] = c.explains;
      if (c.late_ms > 0) cause["late_ms"] = c.late_ms;
    }
    j["causes"].push_back(std::move(cause));
  }
  return j;
}

const char* word_of(device::DeadlineVerdict verdict) {
  switch (verdict) {
    case device::DeadlineVerdict::met:
      return "met";
    case device::DeadlineVerdict::missed:
      return "missed";
    case device::DeadlineVerdict::undecided:
      break;
  }
  return "undecided";
}

json layers_of(const BenchOutcome& o) {
  json layers = json::array();
  for (size_t s = 0; s < o.report.steps.size(); ++s) {
    const measure::StepTime& step = o.report.steps[s];
    json layer{{"op", step.op},          {"name", step.name},
               {"kernel", step.kernel},  {"median_us", step.median_us},
               {"macs", step.macs},      {"bytes", step.bytes},
               {"threads", step.threads}};
    if (o.limits) {
      layer["limit_us"] = o.step_limits[s].us;
      layer["bound"] = o.step_limits[s].memory_bound ? "memory" : "compute";
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

json to_json(const BenchOutcome& o, bool samples) {
  const measure::BenchReport& r = o.report;
  json j{{"samples", r.latency.samples},   {"mean_us", r.latency.mean_us},
         {"min_us", r.latency.min_us},     {"max_us", r.latency.max_us},
         {"first_run_us", r.first_run_us}, {"load_ms", o.load_ms},
         {"threads", o.placement.threads}, {"counting_us", r.samples.counting_us},
         {"jitter", jitter_of(r.samples)}, {"late", late_of(r.late)},
         {"layers", layers_of(o)}};
  add_percentiles(&j, r.latency);
  if (!o.placement.cores.empty()) j["cores"] = o.placement.cores;
  if (o.locked_bytes > 0) j["locked_bytes"] = o.locked_bytes;
  if (o.fifo_priority > 0) j["fifo_priority"] = o.fifo_priority;
  if (!o.surroundings.empty()) j["surroundings"] = o.surroundings;
  j["memory"] = {{"arena_bytes", o.memory.arena},
                 {"scratch_bytes", o.memory.scratch},
                 {"window_bytes", o.memory.windows},
                 {"unstriped_bytes", o.memory.unstriped},
                 {"packed_weight_bytes", o.memory.packed_weights},
                 {"weight_bytes", o.memory.plan_weights}};
  if (o.deadline_us > 0) {
    j["deadline"] = {{"us", o.deadline_us},
                     {"percentile", o.hundredths / 100.0},
                     {"verdict", word_of(o.deadline.verdict)},
                     {"misses", o.deadline.misses},
                     {"samples", o.deadline.samples},
                     {"samples_needed", o.deadline.samples_needed},
                     {"first_run_missed", r.first_run_us > o.deadline_us}};
  }
  if (const auto& pacing = r.samples.pacing) {
    j["paced"] = {
        {"fps", pacing->fps}, {"dropped", pacing->dropped}, {"wake_max_us", pacing->wake.max_us}};
    json wake;
    add_percentiles(&wake, pacing->wake);
    j["paced"]["wake"] = wake;
  }
  if (!r.samples.floor_us.empty()) {
    const device::LatencySummary floor = device::summarize(r.samples.floor_us);
    j["floor"] = {{"max_us", floor.max_us}};
    add_percentiles(&j["floor"], floor);
  }
  if (o.load) {
    j["load"] = {{"processes", o.load->processes},
                 {"memory_bound", o.load->memory_bound},
                 {"compute_bound", o.load->processes - o.load->memory_bound},
                 {"cpu_s", o.load->cpu_s},
                 {"wall_s", r.samples.took_s}};
    if (!o.load->cores.empty()) j["load"]["cores"] = o.load->cores;
  }
  if (o.limits) {
    j["limits"] = {{"threads", o.limits->threads},
                   {"read_gbps", o.limits->read_gbps},
                   {"touched_bytes", o.limits->touched_bytes}};
    for (const auto& [key, gmacs] : {std::pair{"f32_gmacs", o.limits->f32_gmacs},
                                     {"i8_gmacs", o.limits->i8_gmacs},
                                     {"i16_gmacs", o.limits->i16_gmacs}}) {
      if (gmacs > 0) j["limits"][key] = gmacs;
    }
  }
  if (samples) j["samples_us"] = r.samples_us;
  return j;
}

}  // namespace fettle::cli
