// SPDX-License-Identifier: Apache-2.0
//
// From a model file and data to a plan in integers: what `fettle quantize` writes and `fettle fit`
// tries.
#pragma once

#include <functional>
#include <string>

#include "compile/compile.h"
#include "data/dataset.h"
#include "measure/evaluate.h"
#include "quantize/post_training.h"

namespace fettle::search {

struct QuantizedModel {
  std::shared_ptr<const plan::Plan> plan;
  plan::ArenaReport arena;
  quantize::PostTrainingReport report;
};

// `calibration` as `reader` prepares it.
Result<QuantizedModel> quantize_model(const std::string& model, quantize::Scheme scheme,
                                      const compile::CompileOptions& compile,
                                      const data::Dataset& calibration,
                                      const measure::InputReader& reader, int threads,
                                      const std::function<void(double)>& progress);

struct QuantizeOptions {
  std::string model, data, preprocess;
  quantize::Scheme scheme = quantize::Scheme::int8;
  compile::CompileOptions compile;
  int64_t samples = 200;
  int threads = 1;
  std::function<void(double)> progress;
};

// The same from files: opens the data (its training split where it has one).
Result<QuantizedModel> quantize_model(const QuantizeOptions& options);

// The data to calibrate on: the training split where there is one.
Result<std::unique_ptr<data::Dataset>> open_calibration(const std::string& path, int64_t samples,
                                                        const std::string& preprocess);

}  // namespace fettle::search
