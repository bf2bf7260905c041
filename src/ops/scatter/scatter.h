// SPDX-License-Identifier: Apache-2.0
//
// Operators that write updates into a copy of a tensor: ScatterElements (one element for each
// index), ScatterND (slices at coordinates) and TensorScatter (a run of positions in a cache).
// `reduction` says what becomes of what was there: none, add, mul, max, min.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// Combines n updates into n elements that follow one another.
using Combine = void (*)(const void* update, void* target, int64_t n);
// An error on an unknown reduction, or one that the type does not have.
Status find_combine(const char* op, const OpCall& call, Combine* combine);
// Input 0 copied to output 0, unless they share memory.
void copy_data(const OpCall& call);

}  // namespace fettle::ops
