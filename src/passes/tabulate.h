// SPDX-License-Identifier: Apache-2.0
//
// The table by which Lookup computes a function of one code (src/ops/lookup).
//
// For 8 bits it has the rounded result of every code, for 16 bits it is what wide_tables.h makes.
#pragma once

#include "ir/graph.h"
#include "ops/op.h"

namespace fettle::passes {

// Puts a Lookup in the place of a node that maps one quantized value to another of the same type,
// i8 or i16, by `op`, and returns it, its output not yet typed; null where the node is no such
// function.
Result<ir::Node*> look_up_instead(ir::Graph& graph, ir::Node* node, const ops::OpDef& op);

}  // namespace fettle::passes
