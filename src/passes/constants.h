// SPDX-License-Identifier: Apache-2.0
//
// Reading the constants that patterns look for.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace fettle::passes {

// The number that a float constant of one element holds.
std::optional<float> scalar_constant(const ir::Value* value);

// The value of a float constant for each of `channels` channels on `axis` of a tensor of `rank`:
// it has one element, or extents of 1 but for that axis. Empty: it is nothing of the sort.
std::vector<float> per_channel_constant(const ir::Value* value, int rank, int axis,
                                        int64_t channels);

// The integers of a constant i32/i64 value; nothing if it is not constant.
std::optional<std::vector<int64_t>> integer_constant(const ir::Value* value);

// For an operator of two operands, one constant: that one's index, or -1.
int constant_operand(const ir::Node* node);

}  // namespace fettle::passes
