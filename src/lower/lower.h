// SPDX-License-Identifier: Apache-2.0
//
// From a typed graph to a plan: nodes become steps in an order, values become tensors, in-place
// steps are chosen, and the arena is laid out.
#pragma once

#include "ir/graph.h"
#include "lower/stripes.h"
#include "plan/arena.h"
#include "plan/plan.h"

namespace fettle::lower {

// Every value of the graph has a type (bind_shapes has run). Constants are shared, not copied.
Result<plan::Plan> lower(const ir::Graph& graph, plan::ArenaReport* report = nullptr,
                         const StripeOptions& stripes = {});

}  // namespace fettle::lower
