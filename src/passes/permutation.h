// SPDX-License-Identifier: Apache-2.0
//
// The permutations of Transpose: axis i of its output is axis perm[i] of its input.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace fettle::passes {

using Perm = std::vector<int64_t>;

// Stated in full: without one the order is reversed, and an axis may count from the end.
Perm perm_of(const ir::Node* transpose);

// 0, then the last k axes, then the others in order: what turns channels-last into -first.
bool is_rotation(const Perm& p);

Perm inverse(const Perm& p);

}  // namespace fettle::passes
