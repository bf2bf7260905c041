// SPDX-License-Identifier: Apache-2.0
//
// What the kernels of floats by 8-bit weights read from a call: constant weights without zero
// points, their scales, and a constant bias.
#pragma once

#include <vector>

#include "base/op_call.h"

namespace fettle::runtime {

struct DynamicWeights {
  // By output channel, with zeros behind them for whole vectors.
  std::vector<float> scales, bias;
};

// Input 0 is f32, input 1 such weights with one scale or one for each of its `axis`, input 2 absent
// or a row of floats, output 0 f32. `terms` products fit sums of 32 bits. Else false.
bool read_dynamic_weights(const OpCall& call, int axis, int64_t terms, DynamicWeights* weights);

}  // namespace fettle::runtime
