// SPDX-License-Identifier: Apache-2.0
//
// Puts the taken branch of an If whose condition is constant in the If's place. Runs inside the
// walk of bind_shapes, where conditions become constant.
//
//   before: y = If(true, a) { then: p = Relu(a) -> p;  else: q = Neg(a) -> q }
//   after:  p = Relu(a); every use of y reads p
#pragma once

#include "ir/graph.h"

namespace fettle::passes {

// Whether the node is an If that can be replaced now.
bool can_inline_if(const ir::Node& node);
// The types of an If whose condition depends on data: those of its operands go into both branches,
// which are inferred, and what they make gives the types of its outputs. An operand that is
// constant is one in the branches, too. Code::needs_value where the branches do not go together.
Status infer_branches(ir::Node* node, size_t fold_limit_bytes);
// The branch's nodes take the node's place in the order; the node is gone.
Status inline_if(ir::Graph& graph, ir::Node* node);

}  // namespace fettle::passes
