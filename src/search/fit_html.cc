// SPDX-License-Identifier: Apache-2.0
//
// The report of a fit as one page that needs nothing else: no script, no font, no picture from
// outside. Bars are plain elements whose width is the share.
#include <algorithm>
#include <cstdio>

#include "search/fit.h"

namespace fettle::search {

namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--line:#8884;--accent:#2563eb;--good:#15803d;--bad:#b91c1c}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
p.reason{font-size:1.05rem;border-left:4px solid var(--accent);padding:.3rem .8rem}
p.none{border-color:var(--bad)}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.fits{color:var(--good);font-weight:600}.misses{color:var(--bad);font-weight:600}
.bar{background:var(--accent);height:.7rem;display:inline-block;border-radius:2px}
small,.dim{opacity:.7}
details{margin:.6rem 0}summary{cursor:pointer}
)";

std::string escape(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string number(double value, const char* pattern = "%.2f") {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string cell(const std::string& text, bool numeric = false) {
  return std::string(numeric ? "<td class=n>" : "<td>") + text + "</td>";
}

std::string budget_text(const FitReport& r) {
  std::string s;
  const auto add = [&](const std::string& part) { s += (s.empty() ? "" : ", ") + part; };
  if (r.options.deadline_ms > 0) add("deadline " + number(r.options.deadline_ms) + " ms");
  if (r.options.memory_mb > 0) add("memory " + number(r.options.memory_mb) + " MB");
  if (r.options.max_drop_percent) {
    add("at most " + number(*r.options.max_drop_percent) + " points lost");
  }
  return s.empty() ? "no budget given" : s;
}

std::string percentile_text(const Candidate& c, int hundredths) {
  const device::Percentile* p = c.bench.latency.find(hundredths);
  if (p == nullptr) return "";
  if (p->value_us) return number(*p->value_us / 1e3, "%.3f");
  return "<small>needs " + std::to_string(p->samples_needed) + " samples</small>";
}

std::string candidate_row(const FitReport& r, size_t i) {
  const Candidate& c = r.candidates[i];
  std::string row = "<tr>";
  row +=
      cell("<b>" + escape(c.name) + "</b>" + (static_cast<int>(i) == r.chosen ? " ✓ chosen" : "") +
           "<br><small>" + escape(c.how) + "</small>");
  const auto metric = c.accuracy.metric();
  row += cell(metric ? number(100 * *metric) + " %" : "–", true);
  row += cell(c.drop_percent ? number(*c.drop_percent) : "–", true);
  row += cell(number(c.estimate.total_us / 1e3), true);
  row += cell(percentile_text(c, 5000), true) + cell(percentile_text(c, 9900), true);
  row += cell(number(static_cast<double>(c.package_bytes) / 1e3, "%.0f"), true);
  row += cell(number(static_cast<double>(c.memory.arena) / 1e3, "%.0f"), true);
  row += cell(number(static_cast<double>(c.peak_bytes) / 1e6), true);
  std::string verdict = c.fits() ? "<span class=fits>fits</span>" : "";
  for (const std::string& m : c.misses) {
    verdict += "<div><span class=misses>does not fit</span>: " + escape(m) + "</div>";
  }
  for (const std::string& w : c.warnings) verdict += "<div>" + escape(w) + "</div>";
  return row + cell(verdict) + "</tr>\n";
}

std::string layer_table(const Candidate& c) {
  double longest = 0;
  for (const auto& e : c.estimate.layers) longest = std::max(longest, e.time_us);
  std::string t =
      "<table><tr><th>layer</th><th>operator</th><th class=n>MMACs</th><th class=n>predicted µs"
      "</th><th>share</th><th>bound by</th><th class=n>here µs</th><th>kernel here</th></tr>\n";
  for (size_t i = 0; i < c.layers.size(); ++i) {
    const device::LayerEstimate& e = c.estimate.layers[i];
    t += "<tr>" + cell(escape(c.layers[i].name)) + cell(escape(c.layers[i].op)) +
         cell(number(static_cast<double>(c.layers[i].macs) / 1e6), true) +
         cell(number(e.time_us, "%.1f"), true) +
         cell("<span class=bar style=\"width:" +
              number(longest > 0 ? 8 * e.time_us / longest : 0, "%.2f") + "rem\"></span>") +
         cell(std::string(device::name_of(e.bound))) +
         cell(number(c.bench.steps[i].median_us, "%.1f"), true) +
         cell(escape(c.bench.steps[i].kernel)) + "</tr>\n";
  }
  return t + "</table>\n";
}

std::string details(const Candidate& c) {
  std::string s = "<h2>" + escape(c.name) + ", layer by layer</h2>\n";
  s += "<p class=dim>Arena " + number(static_cast<double>(c.memory.arena) / 1024, "%.1f") +
       " KiB; no layout of these steps needs less than " +
       number(static_cast<double>(c.arena.lower_bound) / 1024, "%.1f") + " KiB.</p>\n";
  s += layer_table(c);
  if (c.notes.empty()) return s;
  s += "<details><summary>Notes (" + std::to_string(c.notes.size()) + ")</summary><ul>";
  for (const std::string& n : c.notes) s += "<li>" + escape(n) + "</li>";
  return s + "</ul></details>\n";
}

}  // namespace

std::string to_html(const FitReport& r) {
  std::string h = "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n";
  h += "<meta name=viewport content=\"width=device-width\">\n";
  h += "<title>Fettle: " + escape(r.options.model) + " on " + escape(r.device.name) + "</title>\n";
  h += "<style>" + std::string(kStyle) + "</style></head><body>\n";
  h += "<h1>" + escape(r.options.model) + " on " + escape(r.device.name) + "</h1>\n";
  h += "<p class=dim>" + budget_text(r) + " · " + std::to_string(r.options.threads) +
       (r.options.threads == 1 ? " thread" : " threads") + " · data " + escape(r.options.data) +
       " (" + escape(r.dataset_format) + ", " + std::to_string(r.dataset_size) +
       " samples evaluated; inputs prepared by " + escape(r.preprocessing) + ")</p>\n";
  h += std::string("<p class=\"reason") + (r.chosen < 0 ? " none" : "") + "\">" + escape(r.reason) +
       "</p>\n<h2>Candidates</h2>\n<table><tr><th>candidate</th><th class=n>" +
       (r.candidates.empty() ? "metric" : r.candidates[0].accuracy.metric_name()) +
       "</th><th class=n>points lost</th><th class=n>predicted ms</th><th class=n>P50 here ms</th>"
       "<th class=n>P99 here ms</th><th class=n>package KB</th><th class=n>arena KB</th>"
       "<th class=n>peak MB</th><th>verdict</th></tr>\n";
  for (size_t i = 0; i < r.candidates.size(); ++i) h += candidate_row(r, i);
  h += "</table>\n<p><small>Predicted: a roofline estimate from the device's profile, not a "
       "measurement. Here: measured on the machine that ran this. Peak: package, arena, scratch "
       "and packed weights together.</small></p>\n";
  for (const Candidate& c : r.candidates) h += details(c);
  return h + "</body></html>\n";
}

}  // namespace fettle::search
