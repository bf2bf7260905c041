// SPDX-License-Identifier: Apache-2.0
#include "search/fit.h"

#include <algorithm>
#include <cstdio>

#include "ops/op.h"
#include "plan/package.h"
#include "search/candidates.h"
#include "search/layer_costs.h"

namespace fettle::search {

namespace {

std::string format(const char* pattern, double a, double b = 0) {
  char text[160];
  std::snprintf(text, sizeof text, pattern, a, b);
  return text;
}

Result<std::unique_ptr<runtime::Session>> make_session(const Candidate& c, int threads) {
  runtime::SessionOptions options;
  options.threads = threads;
  return runtime::Session::load(c.plan, ops::find_portable, options);
}

class Fit {
 public:
  explicit Fit(const FitOptions& options) : options_(options) { report_.options = options; }

  Result<FitReport> run() {
    FETTLE_ASSIGN(report_.device, device::find_profile(options_.device));
    FETTLE_TRY(open_data());
    const measure::InputReader calibration_reader(*calibration_, spec_);
    const CandidateSource source{options_, *calibration_, calibration_reader};
    FETTLE_ASSIGN(Candidate as_float, make_float(source));
    FETTLE_TRY(judge(std::move(as_float)));
    if (already_integer(*report_.candidates[0].plan)) {
      report_.candidates[0].name = "as given";
      report_.candidates[0].how = "the model is quantized already";
    } else {
      FETTLE_ASSIGN(Candidate int8, make_int8(source));
      FETTLE_TRY(judge(std::move(int8)));
    }
    choose();
    return std::move(report_);
  }

 private:
  Status open_data() {
    data::DatasetOptions data_options;
    data_options.limit = options_.eval_samples;
    data_options.preprocess = options_.preprocess;
    FETTLE_ASSIGN(evaluation_, data::open_dataset(options_.data, data_options));
    data_options.limit = options_.calibration_samples;
    data_options.split = "train";
    auto train = data::open_dataset(options_.data, data_options);
    if (!train.ok()) {  // no split of its own: calibrate on what there is
      data_options.split = "";
      train = data::open_dataset(options_.data, data_options);
    }
    if (!train.ok()) return train.take_status();
    calibration_ = std::move(train).value();
    if (!options_.preprocess.empty()) {
      FETTLE_ASSIGN(spec_, data::read_preprocess(options_.preprocess));
    }
    report_.dataset_format = evaluation_->info().format;
    report_.dataset_size = evaluation_->size();
    return {};
  }

  static bool already_integer(const plan::Plan& plan) {
    return std::any_of(plan.tensors.begin(), plan.tensors.end(), [](const plan::PlanTensor& t) {
      return t.quant != nullptr && !t.is_weight();
    });
  }

  std::function<void(double)> stage(const std::string& what) {
    if (!options_.progress) return {};
    return [this, what](double share) { options_.progress(what, share); };
  }

  // Accuracy, prediction, measurement, and which budgets the candidate misses.
  Status judge(Candidate c) {
    FETTLE_ASSIGN(auto session, make_session(c, options_.threads));
    const measure::InputReader reader(*evaluation_, spec_);
    std::unique_ptr<runtime::Session> first;
    if (!report_.candidates.empty()) {
      FETTLE_ASSIGN(first, make_session(report_.candidates[0], options_.threads));
    }
    FETTLE_ASSIGN(c.accuracy,
                  measure::evaluate(*session, first.get(), *evaluation_, reader,
                                    options_.label_offset, stage("evaluating " + c.name)));
    c.layers = layer_costs(*c.plan);
    device::EstimateOptions estimate;
    estimate.threads = options_.threads;
    estimate.arena_bytes = static_cast<int64_t>(c.plan->arena_bytes);
    FETTLE_ASSIGN(c.estimate, device::estimate_latency(c.layers, report_.device, estimate));
    measure::BenchOptions bench;
    bench.seconds = options_.bench_seconds;
    bench.progress = stage("timing " + c.name);
    FETTLE_ASSIGN(c.bench, measure::bench(*session, bench));
    c.memory = session->memory();
    c.package_bytes = plan::write_package(*c.plan).size();
    c.peak_bytes = c.package_bytes + c.memory.arena + c.memory.scratch + c.memory.packed_weights;
    hold_to_budgets(&c);
    report_.candidates.push_back(std::move(c));
    return {};
  }

  void hold_to_budgets(Candidate* c) {
    const double predicted_ms = c->estimate.total_us / 1e3;
    if (options_.deadline_ms > 0 && predicted_ms > options_.deadline_ms) {
      c->misses.push_back(format("predicted %.2f ms, over the deadline of %.2f ms", predicted_ms,
                                 options_.deadline_ms));
    }
    const double peak_mb = static_cast<double>(c->peak_bytes) / 1e6;
    if (options_.memory_mb > 0 && peak_mb > options_.memory_mb) {
      c->misses.push_back(
          format("peak %.2f MB, over the %.2f MB allowed", peak_mb, options_.memory_mb));
    }
    if (report_.candidates.empty()) return;
    const Candidate& reference = report_.candidates[0];
    const auto before = reference.accuracy.metric(), after = c->accuracy.metric();
    if (before && after) {
      c->drop_percent = 100 * (*before - *after);
    } else if (c->accuracy.agreement) {
      c->drop_percent = 100 * (1 - c->accuracy.agreement->top1);
      c->notes.push_back("the data has no labels: the drop is disagreement with the float model");
    }
    if (options_.max_drop_percent && c->drop_percent &&
        *c->drop_percent > *options_.max_drop_percent) {
      c->misses.push_back(format("loses %.2f points, over the %.2f allowed", *c->drop_percent,
                                 *options_.max_drop_percent));
    }
  }

  void choose() {
    const auto& all = report_.candidates;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!all[i].fits()) continue;
      if (report_.chosen < 0 ||
          all[i].estimate.total_us < all[static_cast<size_t>(report_.chosen)].estimate.total_us) {
        report_.chosen = static_cast<int>(i);
      }
    }
    if (report_.chosen < 0) {
      report_.reason = "nothing fits:";
      for (const Candidate& c : all) report_.reason += " " + c.name + ": " + c.misses[0] + ";";
      report_.reason.pop_back();
      return;
    }
    const Candidate& best = all[static_cast<size_t>(report_.chosen)];
    report_.reason = best.name + " is the fastest predicted of what holds every budget";
    report_.reason +=
        format(": %.2f ms predicted, %.2f MB at its peak", best.estimate.total_us / 1e3,
               static_cast<double>(best.peak_bytes) / 1e6);
    if (best.drop_percent) report_.reason += format(", %.2f points lost", *best.drop_percent);
    for (const Candidate& c : all) {
      if (!c.fits()) report_.reason += "; " + c.name + " does not fit: " + c.misses[0];
    }
  }

  const FitOptions& options_;
  FitReport report_;
  std::unique_ptr<data::Dataset> evaluation_, calibration_;
  std::optional<data::PreprocessSpec> spec_;
};

}  // namespace

Result<FitReport> fit(const FitOptions& options) { return Fit(options).run(); }

}  // namespace fettle::search
