// SPDX-License-Identifier: Apache-2.0
//
// The two branches of an If whose condition depends on data, subgraphs 0 (then) and 1 (else). Both
// take the node's operands 1 and on as their inputs.
#pragma once

#include "ir/graph.h"

namespace fettle::ops {

bool has_branches(const ir::Node& node);

// Type of output i, of what the branches make of it: the larger of both extents along each axis,
// dynamic unless they are the same. An error where the branches' types do not go together.
Result<ir::Type> branch_type(const ir::Node& node, size_t i);

}  // namespace fettle::ops
