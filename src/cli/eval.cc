// SPDX-License-Identifier: Apache-2.0
//
// fettle eval MODEL --data DATASET [--against MODEL2]
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/progress.h"
#include "measure/evaluate.h"
#include "measure/preprocessing.h"
#include "ops/portable.h"

namespace fettle::cli {

namespace {

struct EvalArguments {
  ModelOptions model;
  std::string data, against, preprocess, split;
  int64_t samples = 0, label_offset = 0;
};

Result<std::unique_ptr<runtime::Session>> open_session(const std::string& path,
                                                       const EvalArguments& a) {
  FETTLE_ASSIGN(const auto options, a.model.compile_options());
  FETTLE_ASSIGN(const auto compiled, compile::load_model(path, options));
  runtime::SessionOptions session_options;
  session_options.threads = a.model.thread_count();
  return runtime::Session::load(compiled.plan, ops::find_portable, session_options);
}

nlohmann::json to_json(const measure::Accuracy& a, const std::string& preprocessing) {
  nlohmann::json j{
      {"task", data::name_of(a.task)}, {"samples", a.samples}, {"preprocessing", preprocessing}};
  if (a.top1) j["top1"] = *a.top1;
  if (a.top5) j["top5"] = *a.top5;
  if (a.mean_iou) j["miou"] = *a.mean_iou;
  if (a.agreement) {
    j["agreement"] = {{"top1", a.agreement->top1},
                      {"sqnr_db", a.agreement->sqnr_db},
                      {"max_abs_difference", a.agreement->max_abs_difference}};
  }
  return j;
}

void print(const measure::Accuracy& a, const std::string& preprocessing) {
  std::printf("samples    %lld (inputs prepared by %s)\n", static_cast<long long>(a.samples),
              preprocessing.c_str());
  if (a.top1) std::printf("top-1      %.2f %%\n", 100 * *a.top1);
  if (a.top5) std::printf("top-5      %.2f %%\n", 100 * *a.top5);
  if (a.mean_iou) std::printf("mIoU       %.4f\n", *a.mean_iou);
  if (!a.metric() && !a.agreement) std::printf("the data has no labels: nothing to measure\n");
  if (a.agreement) {
    std::printf("agreement  same top-1 on %.2f %%, %.1f dB signal to noise, at most %.3g apart\n",
                100 * a.agreement->top1, a.agreement->sqnr_db, a.agreement->max_abs_difference);
  }
}

Status eval(const EvalArguments& a) {
  data::DatasetOptions data_options;
  data_options.split = a.split;
  data_options.limit = a.samples;
  FETTLE_ASSIGN(const auto dataset, data::open_dataset(a.data, data_options));
  FETTLE_ASSIGN(const auto session, open_session(a.model.model, a));
  std::unique_ptr<runtime::Session> against;
  if (!a.against.empty()) {
    FETTLE_ASSIGN(against, open_session(a.against, a));
  }
  FETTLE_ASSIGN(
      const auto preprocessing,
      measure::find_preprocessing(a.preprocess, *dataset, a.model.model, session->plan()));
  const measure::InputReader reader(*dataset, preprocessing.spec);
  Progress progress("evaluating");
  FETTLE_ASSIGN(const auto accuracy, measure::evaluate(*session, against.get(), *dataset, reader,
                                                       a.label_offset, progress.callback()));
  if (a.model.json) {
    std::puts(to_json(accuracy, preprocessing.source).dump().c_str());
  } else {
    print(accuracy, preprocessing.source);
  }
  return {};
}

}  // namespace

Status eval_command(const std::vector<std::string>& args) {
  CLI::App app("The task metric of a model on a dataset, and its agreement with another", "eval");
  EvalArguments a;
  a.model.add_to(app);
  app.add_option("--data", a.data, "folder, CSV, IDX, .npz, COCO ...")->required();
  app.add_option("--against", a.against, "a second model to compare outputs with");
  app.add_option("--preprocess", a.preprocess, "YAML: how samples become inputs");
  app.add_option("--split", a.split, "train, val or test (default: what there is to evaluate on)");
  app.add_option("--samples", a.samples, "how many, spread evenly (default: all)")
      ->check(CLI::PositiveNumber);
  app.add_option("--label-offset", a.label_offset, "added to labels (1: background class)");
  bool done = false;
  FETTLE_TRY(parse(app, args, &done));
  return done ? Status() : eval(a);
}

}  // namespace fettle::cli
