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
#include "measure/in_turn.h"
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
  bool keep_slower = false;  // integers, whatever they cost
  std::function<void(double)> progress;
};

// The faster of the model in integers and as it was.
struct FasterModel {
  std::shared_ptr<const plan::Plan> plan;
  quantize::PostTrainingReport report;
  bool kept_float = false;
  measure::InTurn speed;  // first: float, second: integers
};

// The same from files: opens the data (its training split where it has one), and times the result
// on this machine in turn with the model in float. Where integers are slower, the plan is that of
// the float model.
Result<FasterModel> quantize_model(const QuantizeOptions& options);

// The data to calibrate on: the training split where there is one.
Result<std::unique_ptr<data::Dataset>> open_calibration(const std::string& path, int64_t samples,
                                                        const std::string& preprocess);

// A plan, ready to run on this machine.
Result<std::unique_ptr<runtime::Session>> make_session(std::shared_ptr<const plan::Plan> plan,
                                                       int threads);

}  // namespace fettle::search
