// SPDX-License-Identifier: Apache-2.0
//
// Runs an operator's reference once, outside any plan: for constant folding, and for tests.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// Checks the operand counts and attributes of a node against its operator's schema.
Status check_schema(const OpDef& op, const Attributes& attrs, size_t inputs, size_t outputs);

// Types of `out` from `in`, checked: what the schema asks for is there, dims are valid, dtype is
// set for each wanted output.
Status infer(const OpDef& op, const OpCall& call);

// Outputs of one call; every input has data. Refuses outputs of more than `limit_bytes`. `stated`
// are the quantizations that the graph states for the outputs (null: none), in order.
Result<std::vector<Tensor>> evaluate(const OpDef& op, const Attributes& attrs,
                                     std::span<const TensorView> in, size_t outputs,
                                     uint64_t limit_bytes = uint64_t{1} << 32,
                                     std::span<const Quantization* const> stated = {});

}  // namespace fettle::ops
