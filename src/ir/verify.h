// SPDX-License-Identifier: Apache-2.0
//
// Checks the invariants that graph.h states: every pass may rely on them and must leave them.
// What operators ask of their nodes is ops/verify.h's.
#pragma once

#include "ir/graph.h"

namespace fettle::ir {

// An error names the value or node. A graph from a pass that fails this is our bug; one parsed
// from text may be anybody's.
Status verify(const Graph& graph);

}  // namespace fettle::ir
