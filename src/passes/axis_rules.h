// SPDX-License-Identifier: Apache-2.0
//
// How each operator's axes are renamed when a transpose moves from before it to after it.
#pragma once

#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace fettle::passes {

struct AxisRule {
  // How many leading inputs are tensors that the transpose passes through; -1: all. The others
  // are small constants about axes.
  int tensors;
  // Axis a of the transposed tensor is axis perm[a] of the one before it. Sets the attributes and
  // the inputs past `tensors` for the tensor before; `after` is the transpose to put behind
  // (as perm at first; empty: none). False: this node cannot.
  bool (*rename)(ir::Graph& graph, const ir::Node& node, const std::vector<int64_t>& perm,
                 std::vector<ir::Value*>* inputs, Attributes* attrs, std::vector<int64_t>* after);
  // Makes less than it is given: any transpose is better behind it.
  bool shrinks = false;
};

// nullptr: nothing is known of the operator's axes.
const AxisRule* axis_rule(std::string_view op);

}  // namespace fettle::passes
