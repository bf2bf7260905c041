// SPDX-License-Identifier: Apache-2.0
//
// What a session is timed on.
#pragma once

#include <vector>

#include "runtime/session.h"

namespace fettle::measure {

// Elements of a fixed seed: floats in [-1, 1), integers over small positive values, codes of
// quantized tensors over their whole range.
Tensor random_input(const TensorView& like, uint64_t seed);

// Gives a session's inputs memory of its own, bound until this goes. The session outlives it.
class BoundInputs {
 public:
  // `given`: of the first inputs, in order; the others are random.
  explicit BoundInputs(runtime::Session& session, std::vector<Tensor> given = {});
  ~BoundInputs();
  BoundInputs(const BoundInputs&) = delete;
  BoundInputs& operator=(const BoundInputs&) = delete;

  Status bind();

 private:
  runtime::Session& session_;
  std::vector<Tensor> inputs_;
};

}  // namespace fettle::measure
