// SPDX-License-Identifier: Apache-2.0
#include "search/quantize_model.h"

#include "compile/read_model.h"
#include "lower/lower.h"
#include "measure/preprocessing.h"
#include "ops/portable.h"

namespace fettle::search {

namespace {
constexpr double kTimingSeconds = 0.5;
constexpr double kSlower = 1.02;  // of the float model's time; less is no difference
}  // namespace

Result<QuantizedModel> quantize_model(const std::string& model, quantize::Scheme scheme,
                                      const compile::CompileOptions& compile,
                                      const data::Dataset& calibration,
                                      const measure::InputReader& reader, int threads,
                                      const std::function<void(double)>& progress) {
  QuantizedModel quantized;
  FETTLE_ASSIGN(auto graph, compile::read_model(model));
  const auto sample = [&](int64_t i, const TensorView& like) -> Result<std::optional<Tensor>> {
    if (i >= calibration.size()) return std::optional<Tensor>();
    if (progress) progress(static_cast<double>(i) / static_cast<double>(calibration.size()));
    data::Sample truth;
    FETTLE_ASSIGN(Tensor input, reader.read(i, like, &truth));
    return std::optional<Tensor>(std::move(input));
  };
  auto report =
      quantize::post_training(*graph, scheme, compile.bindings, compile.pipeline, sample, threads);
  if (!report.ok()) return report.take_status().at(model);
  quantized.report = std::move(*report);
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(*graph, &quantized.arena, compile.stripes));
  quantized.plan = std::make_shared<const plan::Plan>(std::move(plan));
  return quantized;
}

Result<std::unique_ptr<data::Dataset>> open_calibration(const std::string& path, int64_t samples,
                                                        const std::string& preprocess) {
  data::DatasetOptions options;
  options.limit = samples;
  options.preprocess = preprocess;
  options.split = "train";
  auto train = data::open_dataset(path, options);
  if (train.ok()) return train;
  options.split = "";  // no split of its own: calibrate on what there is
  return data::open_dataset(path, options);
}

Result<std::unique_ptr<runtime::Session>> make_session(std::shared_ptr<const plan::Plan> plan,
                                                       int threads) {
  runtime::SessionOptions options;
  options.threads = threads;
  return runtime::Session::load(std::move(plan), ops::find_portable, options);
}

Result<FasterModel> quantize_model(const QuantizeOptions& options) {
  FETTLE_ASSIGN(const auto dataset,
                open_calibration(options.data, options.samples, options.preprocess));
  FETTLE_ASSIGN(const auto floats, compile::load_model(options.model, options.compile));
  FETTLE_ASSIGN(const auto preprocessing, measure::find_preprocessing(options.preprocess, *dataset,
                                                                      options.model, *floats.plan));
  const measure::InputReader reader(*dataset, preprocessing.spec);
  FETTLE_ASSIGN(QuantizedModel integers,
                quantize_model(options.model, options.scheme, options.compile, *dataset, reader,
                               options.threads, options.progress));
  FETTLE_ASSIGN(const auto first, make_session(floats.plan, options.threads));
  FETTLE_ASSIGN(const auto second, make_session(integers.plan, options.threads));
  FasterModel faster;
  FETTLE_ASSIGN(faster.speed, measure::time_in_turn(*first, *second, kTimingSeconds));
  faster.kept_float =
      !options.keep_slower && faster.speed.second_us > kSlower * faster.speed.first_us;
  faster.plan = faster.kept_float ? floats.plan : integers.plan;
  faster.report = std::move(integers.report);
  return faster;
}

}  // namespace fettle::search
