// SPDX-License-Identifier: Apache-2.0
#include "measure/latency_text.h"

#include <cstdarg>
#include <cstdio>

namespace fettle::measure {

namespace {

using Integer = long long;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void add(std::string* text, const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  *text += line;
}

double percent(int64_t part, int64_t whole) {
  return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

}  // namespace

std::string text_of(const device::LatencySummary& latency, std::string_view prefix) {
  std::string text;
  for (const device::Percentile& p : latency.percentiles) {
    const std::string name = std::string(prefix) + device::name_of(p);
    if (p.value_us) {
      add(&text, "%-8s %10.3f ms\n", name.c_str(), *p.value_us / 1e3);
    } else {
      add(&text, "%-8s          - too few samples: needs %lld\n", name.c_str(),
          static_cast<Integer>(p.samples_needed));
    }
  }
  add(&text, "%-8s %10.3f ms\n", (std::string(prefix) + "max").c_str(), latency.max_us / 1e3);
  return text;
}

std::string text_of(const LateRuns& late, bool over_a_deadline) {
  std::string text;
  add(&text, "late     %10lld of %lld runs over %.3f ms (%s)", static_cast<Integer>(late.late),
      static_cast<Integer>(late.late + late.others), late.limit_us / 1e3,
      over_a_deadline ? "the deadline" : "1.1 x p50");
  if (late.late == 0) return text + "\n";
  add(&text, ", together %.1f ms more than the median\n", late.excess_ms);
  add(&text, "         %-42s %10s %10s %9s\n", "cause", "late", "others", "took ms");
  std::string silent;
  for (const Cause& c : late.causes) {
    if (!c.counted) {
      silent += (silent.empty() ? "" : ", ") + std::string(c.name);
    } else if (c.late + c.others > 0) {
      char took[32] = "-";
      if (c.late_ms > 0) std::snprintf(took, sizeof took, "%.1f", c.late_ms);
      add(&text, "         %-42s %8.2f %% %8.2f %% %9s\n",
          (std::string(c.name) + ": " + std::string(c.meaning)).substr(0, 46).c_str(),
          percent(c.late, late.late), percent(c.others, late.others), took);
    }
  }
  add(&text, "         %-42s %8.2f %%\n", "nothing counted explains",
      percent(late.unexplained, late.late));
  if (!silent.empty()) text += "         not counted on this machine: " + silent + "\n";
  return text;
}

}  // namespace fettle::measure
