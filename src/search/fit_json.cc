// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "search/fit.h"

namespace fettle::search {

namespace {

using nlohmann::json;

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json percentiles(const device::LatencySummary& latency) {
  json j{{"samples", latency.samples}, {"mean_us", latency.mean_us}, {"max_us", latency.max_us}};
  for (const device::Percentile& p : latency.percentiles) {
    j[device::name_of(p) + "_us"] = or_null(p.value_us);
  }
  return j;
}

json layers_of(const Candidate& c) {
  json list = json::array();
  for (size_t i = 0; i < c.layers.size(); ++i) {
    const device::LayerEstimate& e = c.estimate.layers[i];
    list.push_back({{"name", c.layers[i].name},
                    {"op", c.layers[i].op},
                    {"macs", c.layers[i].macs},
                    {"predicted_us", e.time_us},
                    {"bound", device::name_of(e.bound)},
                    {"measured_here_us", c.bench.steps[i].median_us},
                    {"kernel_here", c.bench.steps[i].kernel}});
  }
  return list;
}

json candidate_of(const Candidate& c) {
  json j{{"name", c.name},
         {"how", c.how},
         {"fits", c.fits()},
         {"misses", c.misses},
         {"warnings", c.warnings},
         {"notes", c.notes},
         {"metric", or_null(c.accuracy.metric())},
         {"metric_name", c.accuracy.metric_name()},
         {"samples", c.accuracy.samples},
         {"drop_points", or_null(c.drop_percent)},
         {"predicted_ms", c.estimate.total_us / 1e3},
         {"package_bytes", c.package_bytes},
         {"arena_bytes", c.memory.arena},
         {"arena_lower_bound_bytes", c.arena.lower_bound},
         {"scratch_bytes", c.memory.scratch},
         {"packed_weight_bytes", c.memory.packed_weights},
         {"peak_bytes", c.peak_bytes},
         {"latency_here", percentiles(c.bench.latency)},
         {"layers", layers_of(c)}};
  if (c.accuracy.top5) j["top5"] = *c.accuracy.top5;
  if (c.accuracy.agreement) {
    j["agreement_with_float"] = {{"top1", c.accuracy.agreement->top1},
                                 {"sqnr_db", c.accuracy.agreement->sqnr_db}};
  }
  return j;
}

}  // namespace

std::string to_json(const FitReport& r) {
  json j{{"model", r.options.model},
         {"data", r.options.data},
         {"data_format", r.dataset_format},
         {"preprocessing", r.preprocessing},
         {"device", {{"id", r.device.id}, {"name", r.device.name}}},
         {"threads", r.options.threads},
         {"budget",
          {{"deadline_ms", r.options.deadline_ms > 0 ? json(r.options.deadline_ms) : json(nullptr)},
           {"memory_mb", r.options.memory_mb > 0 ? json(r.options.memory_mb) : json(nullptr)},
           {"max_drop_points", or_null(r.options.max_drop_percent)}}},
         {"reason", r.reason}};
  j["chosen"] =
      r.chosen < 0 ? json(nullptr) : json(r.candidates[static_cast<size_t>(r.chosen)].name);
  for (const Candidate& c : r.candidates) j["candidates"].push_back(candidate_of(c));
  return j.dump(1);
}

}  // namespace fettle::search
