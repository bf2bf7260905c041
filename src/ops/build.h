// SPDX-License-Identifier: Apache-2.0
//
// Adding nodes to a typed graph: the new values get their types at once, and what is constant is
// evaluated on the spot.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// First output of `op` over `inputs`, put before `before` (at the end if null). Asserts that the
// operator takes them: a pass builds only what it knows to be valid. `quant` is the quantization
// that the output is to have where the operator does not give it one.
ir::Value* build(ir::Graph& graph, ir::Node* before, std::string_view op,
                 std::vector<ir::Value*> inputs, Attributes attrs = {},
                 std::shared_ptr<const Quantization> quant = nullptr);
ir::Value* constant_ints(ir::Graph& graph, std::span<const int64_t> values);
ir::Value* constant_floats(ir::Graph& graph, std::span<const float> values);

ir::Value* transpose(ir::Graph& graph, ir::Node* before, ir::Value* value,
                     std::vector<int64_t> perm);

// Infers the outputs' types again after a node's operands or attributes have changed.
Status infer_node(ir::Node* node);

}  // namespace fettle::ops
