// SPDX-License-Identifier: Apache-2.0
#include "search/fit.h"

#include <algorithm>
#include <cstdio>

#include "measure/preprocessing.h"
#include "plan/package.h"
#include "search/candidates.h"
#include "search/layer_costs.h"
#include "search/quantize_model.h"

namespace fettle::search {

namespace {

std::string format(const char* pattern, double a, double b = 0) {
  char text[160];
  std::snprintf(text, sizeof text, pattern, a, b);
  return text;
}

class Fit {
 public:
  explicit Fit(const FitOptions& options) : options_(options) {}

  Result<FitReport> run() {
    FETTLE_ASSIGN(report_.device, device::find_profile(options_.device));
    if (options_.stripes_for_device) {
      options_.compile.stripes.cache_bytes = report_.device.cache_per_core_bytes();
    }
    report_.options = options_;
    FETTLE_TRY(open_data());
    FETTLE_ASSIGN(const auto compiled, compile::load_model(options_.model, options_.compile));
    FETTLE_ASSIGN(preprocessing_, measure::find_preprocessing(options_.preprocess, *evaluation_,
                                                              options_.model, *compiled.plan));
    report_.preprocessing = preprocessing_.source;
    const measure::InputReader calibration_reader(*calibration_, preprocessing_.spec);
    const CandidateSource source{options_, compiled, *calibration_, calibration_reader};
    FETTLE_TRY(judge(make_float(source)));
    if (already_integer(*report_.candidates[0].plan)) {
      report_.candidates[0].name = "as given";
      report_.candidates[0].how = "the model is quantized already";
    } else {
      for (const auto scheme : {quantize::Scheme::int8, quantize::Scheme::int16}) {
        FETTLE_ASSIGN(Candidate candidate, make_quantized(source, scheme));
        FETTLE_TRY(judge(std::move(candidate)));
      }
    }
    choose();
    return std::move(report_);
  }

 private:
  Status open_data() {
    data::DatasetOptions data_options;
    data_options.limit = options_.eval_samples;
    FETTLE_ASSIGN(evaluation_, data::open_dataset(options_.data, data_options));
    FETTLE_ASSIGN(calibration_, open_calibration(options_.data, options_.calibration_samples,
                                                 options_.preprocess));
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

  // The package knows how its inputs are prepared.
  void carry_preprocessing(Candidate* c) const {
    if (preprocessing_.yaml.empty()) return;
    auto plan = std::make_shared<plan::Plan>(*c->plan);
    std::erase_if(plan->metadata, [](const auto& entry) { return entry.first == "preprocess"; });
    plan->metadata.emplace_back("preprocess", preprocessing_.yaml);
    c->plan = std::move(plan);
  }

  // Accuracy, prediction, measurement, and which budgets the candidate misses.
  Status judge(Candidate c) {
    carry_preprocessing(&c);
    FETTLE_ASSIGN(auto session, make_session(c.plan, options_.threads));
    const measure::InputReader reader(*evaluation_, preprocessing_.spec);
    std::unique_ptr<runtime::Session> first;
    if (!report_.candidates.empty()) {
      FETTLE_ASSIGN(first, make_session(report_.candidates[0].plan, options_.threads));
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
    c.peak_bytes = c.package_bytes + c.memory.arena + c.memory.scratch + c.memory.unstriped +
                   c.memory.packed_weights;
    hold_to_budgets(&c);
    compare_speed(&c);
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
      c->warnings.push_back(
          "the data has no labels: the drop is disagreement with the float model");
    }
    if (options_.max_drop_percent && c->drop_percent &&
        *c->drop_percent > *options_.max_drop_percent) {
      c->misses.push_back(format("loses %.2f points, over the %.2f allowed", *c->drop_percent,
                                 *options_.max_drop_percent));
    }
  }

  // Integers that are slower than floats, on the device or where they can be measured, are said to
  // be so.
  void compare_speed(Candidate* c) {
    if (report_.candidates.empty()) return;
    const Candidate& reference = report_.candidates[0];
    const double mine_us = c->estimate.total_us, floats_us = reference.estimate.total_us;
    if (mine_us > floats_us) {
      c->warnings.push_back(format("predicted slower than float: %.2f ms against %.2f ms",
                                   mine_us / 1e3, floats_us / 1e3));
    }
    const auto* mine = c->bench.latency.find(5000);
    const auto* floats = reference.bench.latency.find(5000);
    if (mine == nullptr || floats == nullptr || !mine->value_us || !floats->value_us) return;
    if (*mine->value_us > *floats->value_us) {
      c->warnings.push_back(format("slower than float on this machine: %.3f ms against %.3f ms",
                                   *mine->value_us / 1e3, *floats->value_us / 1e3));
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

  FitOptions options_;
  FitReport report_;
  std::unique_ptr<data::Dataset> evaluation_, calibration_;
  measure::Preprocessing preprocessing_;
};

}  // namespace

Result<FitReport> fit(const FitOptions& options) { return Fit(options).run(); }

}  // namespace fettle::search
