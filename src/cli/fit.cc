// SPDX-License-Identifier: Apache-2.0
//
// fettle fit MODEL --data DATASET --device ID [--deadline-ms X] [--memory-mb M] [--max-drop D] -o
// DIR
#include "search/fit.h"

#include <cstdio>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "plan/package.h"

namespace fettle::cli {

namespace {

void print(const search::FitReport& r, const std::string& folder) {
  for (const search::Candidate& c : r.candidates) {
    std::printf("%-8s", c.name.c_str());
    if (const auto metric = c.accuracy.metric()) {
      std::printf(" %s %.2f %%,", c.accuracy.metric_name(), 100 * *metric);
    }
    const auto* p50 = c.bench.latency.find(5000);
    std::printf(" predicted %.2f ms on %s", c.estimate.total_us / 1e3, r.device.name.c_str());
    if (p50 != nullptr && p50->value_us) std::printf(", %.3f ms here", *p50->value_us / 1e3);
    std::printf(", package %.0f KB, peak %.2f MB: %s\n", static_cast<double>(c.package_bytes) / 1e3,
                static_cast<double>(c.peak_bytes) / 1e6, c.fits() ? "fits" : "does not fit");
    for (const std::string& m : c.misses) std::printf("           %s\n", m.c_str());
    for (const std::string& w : c.warnings) std::printf("           %s\n", w.c_str());
  }
  std::printf("chosen   %s\n", r.reason.c_str());
  if (r.chosen >= 0) std::printf("package  %s/model.fettle\n", folder.c_str());
  std::printf("report   %s/report.html, %s/report.json\n", folder.c_str(), folder.c_str());
}

Status fit(const search::FitOptions& options, const std::string& folder, bool json) {
  FETTLE_ASSIGN(const search::FitReport report, search::fit(options));
  FETTLE_TRY(make_folder(folder));
  if (report.chosen >= 0) {
    const auto& chosen = report.candidates[static_cast<size_t>(report.chosen)];
    FETTLE_TRY(write_file(folder + "/model.fettle", plan::write_package(*chosen.plan)));
  } else {
    std::remove((folder + "/model.fettle").c_str());  // of an earlier fit: it does not hold
  }
  FETTLE_TRY(write_file(folder + "/report.json", search::to_json(report)));
  FETTLE_TRY(write_file(folder + "/report.html", search::to_html(report)));
  if (json) {
    std::puts(search::to_json(report).c_str());
  } else {
    print(report, folder);
  }
  return report.chosen >= 0 ? Status() : Status(Code::over_budget, report.reason);
}

}  // namespace

Status fit_command(const std::vector<std::string>& args) {
  CLI::App app("Make a model hold its deadline on a device, inside its memory and accuracy", "fit");
  ModelOptions model;
  model.add_to(app);
  search::FitOptions options;
  std::string folder;
  double drop = 0;
  app.add_option("--data", options.data, "labelled data: folder, CSV, IDX, .npz, COCO ...")
      ->required();
  app.add_option("--device", options.device, "a device's id (fettle device list) or profile file")
      ->required();
  app.add_option("--deadline-ms", options.deadline_ms, "one inference on the device")
      ->check(CLI::PositiveNumber);
  app.add_option("--memory-mb", options.memory_mb, "package, arena and packed weights together")
      ->check(CLI::PositiveNumber);
  auto* max_drop = app.add_option("--max-drop", drop, "points of the metric that may be lost");
  app.add_option("-o,--output", folder, "folder for the package and the report")->required();
  app.add_option("--preprocess", options.preprocess, "YAML: how samples become inputs");
  app.add_option("--label-offset", options.label_offset, "added to labels (1: background class)");
  app.add_option("--samples", options.eval_samples, "how many samples to evaluate (default 1000)")
      ->check(CLI::PositiveNumber);
  app.add_option("--calibration-samples", options.calibration_samples, "default 200")
      ->check(CLI::PositiveNumber);
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  if (done) return {};
  if (max_drop->count() > 0) options.max_drop_percent = drop;
  options.model = model.model;
  options.threads = model.threads > 0 ? model.threads : 1;
  FETTLE_ASSIGN(options.compile, model.compile_options());
  options.stripes_for_device = model.stripe_cache_kb < 0;
  Progress progress("");
  options.progress = [&](const std::string& stage, double share) { progress.show(stage, share); };
  return fit(options, folder, model.json);
}

}  // namespace fettle::cli
