// SPDX-License-Identifier: Apache-2.0
#include "search/candidates.h"

#include "compile/read_model.h"
#include "lower/lower.h"
#include "quantize/post_training.h"

namespace fettle::search {

Result<Candidate> make_float(const CandidateSource& source) {
  Candidate candidate;
  candidate.name = "float";
  candidate.how = "as trained, 32-bit float";
  FETTLE_ASSIGN(auto compiled, compile::load_model(source.options.model, source.options.compile));
  candidate.plan = compiled.plan;
  candidate.arena = compiled.arena;
  return candidate;
}

Result<Candidate> make_int8(const CandidateSource& source) {
  const FitOptions& options = source.options;
  Candidate candidate;
  candidate.name = "int8";
  FETTLE_ASSIGN(auto graph, compile::read_model(options.model));
  FETTLE_ASSIGN(const quantize::PostTrainingReport report,
                quantize::post_training_int8(
                    *graph, options.compile.bindings, options.compile.pipeline,
                    [&](int64_t i, const TensorView& like) -> Result<std::optional<Tensor>> {
                      if (i >= source.calibration.size()) return std::optional<Tensor>();
                      if (options.progress) {
                        options.progress("calibrating",
                                         static_cast<double>(i) /
                                             static_cast<double>(source.calibration.size()));
                      }
                      data::Sample sample;
                      FETTLE_ASSIGN(Tensor input, source.reader.read(i, like, &sample));
                      return std::optional<Tensor>(std::move(input));
                    },
                    options.threads));
  candidate.how = "post-training int8: weights per channel, activations by histogram error over " +
                  std::to_string(source.calibration.size()) + " samples; " +
                  std::to_string(report.integer_nodes) + " layers in integers, " +
                  std::to_string(report.float_nodes) + " in float";
  candidate.notes = report.kept_float;
  FETTLE_ASSIGN(plan::Plan plan, lower::lower(*graph, &candidate.arena));
  candidate.plan = std::make_shared<const plan::Plan>(std::move(plan));
  return candidate;
}

}  // namespace fettle::search
