// SPDX-License-Identifier: Apache-2.0
//
// Inputs of the real models, made here bit for bit as model_inputs.py makes them for the reference
// runtimes: a bitmap resized to the nearest pixel, a raw file, or a stated generator's numbers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/status.h"
#include "base/tensor.h"

namespace fettle::models {

// `document` is a file of expectations/, `recipe` the input of one of its cases.
Result<Tensor> make_input(const nlohmann::json& document, const nlohmann::json& recipe,
                          const TensorView& like);

}  // namespace fettle::models
