// SPDX-License-Identifier: Apache-2.0
//
// What tests of passes share: a graph run on numbers, and a graph's shape as a line a node.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"

namespace fettle::passes {

// Outputs for inputs drawn with `seed`. The graph is typed.
Result<std::vector<std::vector<float>>> run_graph(const ir::Graph& graph, uint32_t seed,
                                                  bool portable_only = true);

// The largest difference, over the largest of `expected`; infinite where sizes differ.
double relative_difference(const std::vector<std::vector<float>>& got,
                           const std::vector<std::vector<float>>& expected);

// Nodes in order with constants in place and values numbered, so that graphs which differ only in
// names look the same:  "1 = Conv(x, f32[2]{1 2}, _) group=1".
std::string outline(const ir::Graph& graph);

}  // namespace fettle::passes
