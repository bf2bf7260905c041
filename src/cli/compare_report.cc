// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/compare.h"

namespace fettle::cli {

namespace {

using measure::Outcome;
using measure::RuntimeReport;
using nlohmann::json;

constexpr int kP50 = 5000, kP90 = 9000, kP99 = 9900;

// A percentile in milliseconds, or a dash where there are too few samples.
std::string percentile(const RuntimeReport& r, int hundredths) {
  const device::Percentile* p = r.latency.find(hundredths);
  if (p == nullptr || !p->value_us) return "-";
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", *p->value_us / 1e3);
  return text;
}

std::string agreement(const RuntimeReport& r) {
  if (!r.agreement) return "not comparable";
  if (!r.agreement->snr_db) return "same bits";
  char text[64];
  std::snprintf(text, sizeof(text), "%.0f dB, %.2g", *r.agreement->snr_db,
                r.agreement->largest_difference);
  return text;
}

json to_json(const RuntimeReport& r, bool samples) {
  json j{{"runtime", r.name}, {"model", r.model}, {"outcome", measure::name_of(r.outcome)}};
  if (!r.version.empty()) j["version"] = r.version;
  if (!r.why.empty()) j["why"] = r.why;
  if (!r.install.empty()) j["install"] = r.install;
  if (r.outcome != Outcome::measured) return j;
  j["settings"] = r.settings;
  j["load_ms"] = r.load_ms;
  j["peak_kib"] = r.peak_kib;
  j["bare_kib"] = r.bare_kib;
  j["samples"] = r.latency.samples;
  j["least_us"] = r.latency.min_us;
  j["mean_us"] = r.latency.mean_us;
  for (const device::Percentile& p : r.latency.percentiles) {
    j[device::name_of(p) + "_us"] = p.value_us ? json(*p.value_us) : json(nullptr);
  }
  j["ratio"] = {{"median", r.ratio}, {"least", r.ratio_least}, {"most", r.ratio_most}};
  if (r.agreement) {
    j["agreement"] = {{"snr_db", r.agreement->snr_db ? json(*r.agreement->snr_db) : json(nullptr)},
                      {"largest_difference", r.agreement->largest_difference}};
  }
  for (const double us : r.round_medians_us) j["round_medians_us"].push_back(us);
  if (samples) j["rounds_us"] = r.rounds_us;
  return j;
}

}  // namespace

void print_comparison(const measure::CompareReport& report) {
  std::printf("%-12s %-14s %9s %9s %9s %9s  %-19s %9s %8s %8s  %s\n", "runtime", "version",
              "p50 ms", "p90", "p99", "least", "times as long", "load ms", "peak MB", "of own",
              "agreement");
  for (const RuntimeReport& r : report.runtimes) {
    if (r.outcome != Outcome::measured) continue;
    char ratio[32];
    std::snprintf(ratio, sizeof(ratio), "%.2f (%.2f-%.2f)", r.ratio, r.ratio_least, r.ratio_most);
    std::printf("%-12s %-14s %9s %9s %9s %9.3f  %-19s %9.1f %8.1f %8.1f  %s\n", r.name.c_str(),
                r.version.c_str(), percentile(r, kP50).c_str(), percentile(r, kP90).c_str(),
                percentile(r, kP99).c_str(), r.latency.min_us / 1e3, ratio, r.load_ms,
                static_cast<double>(r.peak_kib) / 1024,
                static_cast<double>(r.peak_kib - r.bare_kib) / 1024, agreement(r).c_str());
  }
  for (const RuntimeReport& r : report.runtimes) {
    if (r.outcome == Outcome::measured && r.why.empty()) continue;
    std::printf("%-12s %s: %s\n", r.name.c_str(), measure::name_of(r.outcome).data(),
                r.why.c_str());
    if (!r.install.empty()) std::printf("%-12s install it: %s\n", "", r.install.c_str());
  }
}

std::string comparison_json(const measure::CompareReport& report,
                            const measure::CompareOptions& options, bool samples) {
  json j{{"model", options.model},   {"threads", report.threads},  {"cores", report.cores},
         {"rounds", options.rounds}, {"seconds", options.seconds}, {"realtime", options.realtime},
         {"runtimes", json::array()}};
  for (const RuntimeReport& r : report.runtimes) j["runtimes"].push_back(to_json(r, samples));
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace fettle::cli
