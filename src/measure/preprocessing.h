// SPDX-License-Identifier: Apache-2.0
//
// Where the rule that turns a sample into a model's input is found: the file that was named, the
// dataset's own preprocess.yaml, <model>.preprocess.yaml beside the model, or the model's
// metadata ("preprocess": that same YAML; or "mean" and "std"), in this order.
#pragma once

#include <string>

#include "data/dataset.h"
#include "plan/plan.h"

namespace fettle::measure {

struct Preprocessing {
  data::PreprocessSpec spec;
  std::string source;  // for people: a path, "the model's metadata", "none"
  std::string yaml;    // as found; empty where it came from elsewhere than YAML
};

Result<Preprocessing> find_preprocessing(const std::string& named, const data::Dataset& dataset,
                                         const std::string& model, const plan::Plan& plan);

}  // namespace fettle::measure
