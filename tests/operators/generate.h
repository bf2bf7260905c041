// SPDX-License-Identifier: Apache-2.0
//
// From the example calls that operators declare to tensors and to tests' names.
#pragma once

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "ops/op.h"

namespace fettle::operators {

struct Example {
  const ops::OpDef* op;
  ops::Case call;
  std::string name;  // "Conv_depthwise", fit for a test
  friend void PrintTo(const Example& e, std::ostream* out) { *out << e.name; }
};
std::vector<Example> all_examples();

// Elements drawn from [low, high]; of a quantized tensor, any code.
Tensor random_tensor(const ir::Type& type, double low, double high, std::mt19937& random);
std::vector<Tensor> random_inputs(const ops::Case& call, uint32_t seed);

// How many outputs to ask of the operator: all that it has for this call, of a variable number
// two, or as few as it may.
size_t output_count(const ops::OpDef& op, const ops::Case& call);

}  // namespace fettle::operators
