// SPDX-License-Identifier: Apache-2.0
//
// Checks what operators ask of a typed graph: each is known, its operands and attributes fit its
// schema, and the types that values state are those that inference gives.
#pragma once

#include "ir/graph.h"

namespace fettle::ops {

Status verify(const ir::Graph& graph);

}  // namespace fettle::ops
