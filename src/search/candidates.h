// SPDX-License-Identifier: Apache-2.0
//
// How each candidate of a fit is made from the model.
#pragma once

#include "measure/evaluate.h"
#include "quantize/post_training.h"
#include "search/fit.h"

namespace fettle::search {

struct CandidateSource {
  const FitOptions& options;
  const compile::CompiledModel& compiled;  // the model as it is
  const data::Dataset& calibration;
  const measure::InputReader& reader;
};

Candidate make_float(const CandidateSource& source);
Result<Candidate> make_quantized(const CandidateSource& source, quantize::Scheme scheme);

}  // namespace fettle::search
