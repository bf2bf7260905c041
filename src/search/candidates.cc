// SPDX-License-Identifier: Apache-2.0
#include "search/candidates.h"

#include "search/quantize_model.h"

namespace fettle::search {

Candidate make_float(const CandidateSource& source) {
  Candidate candidate;
  candidate.name = "float";
  candidate.how = "as trained, 32-bit float";
  candidate.plan = source.compiled.plan;
  candidate.arena = source.compiled.arena;
  return candidate;
}

Result<Candidate> make_quantized(const CandidateSource& source, quantize::Scheme scheme) {
  const bool wide = scheme == quantize::Scheme::int16;
  const FitOptions& options = source.options;
  const auto progress = [&](double share) {
    if (options.progress) options.progress("calibrating", share);
  };
  FETTLE_ASSIGN(const QuantizedModel quantized,
                quantize_model(options.model, scheme, options.compile, source.calibration,
                               source.reader, options.threads, progress));
  Candidate candidate;
  candidate.name = wide ? "int16" : "int8";
  candidate.how = std::string(wide ? "post-training int16: int8 weights per channel, int16 "
                                     "activations by their largest magnitude over "
                                   : "post-training int8: weights per channel, activations by "
                                     "histogram error over ") +
                  std::to_string(source.calibration.size()) + " samples; " +
                  std::to_string(quantized.report.integer_nodes) + " layers in integers, " +
                  std::to_string(quantized.report.float_nodes) + " in float";
  candidate.notes = quantized.report.kept_float;
  candidate.plan = quantized.plan;
  candidate.arena = quantized.arena;
  return candidate;
}

}  // namespace fettle::search
