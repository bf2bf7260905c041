// SPDX-License-Identifier: Apache-2.0
//
// Runs a float graph over samples and gathers the distribution of every activation.
#pragma once

#include <functional>
#include <unordered_map>

#include "ir/graph.h"
#include "quantize/histogram.h"

namespace fettle::quantize {

// Sample i as the graph's inputs in their order; ok(false) past the last one. Called with
// i = 0, 1, ...; nothing is kept between calls.
using SampleSource = std::function<Result<bool>(int64_t i, std::vector<Tensor>* inputs)>;
using Distributions = std::unordered_map<const ir::Value*, Histogram>;

// Every f32 value of static shape that is not a constant. `threads` run each sample.
Result<Distributions> calibrate(const ir::Graph& graph, const SampleSource& samples, int threads);

}  // namespace fettle::quantize
