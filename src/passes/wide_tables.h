// SPDX-License-Identifier: Apache-2.0
//
// The smallest table of a function of 16-bit codes (base/wide_table.h) that is good enough.
//
// Curves come first: 64, 128 or 256 of them follow what is smooth, and machines look them up in
// registers. Their results are nowhere more than one step off the rounded ones, and rise and fall
// where the function does, so that what was largest stays it. A function with a corner or a pole
// has lines, as many as it needs, at most one a code: nowhere more than one step outside the
// rounded results of the code and of its two neighbours, so that an error is at most what one code
// of the input makes.
#pragma once

#include <span>

#include "base/tensor.h"

namespace fettle::passes {

// `results`: of the codes -32768 to 32768 in steps of the result, not rounded.
Tensor smallest_wide_table(std::span<const float> results);

}  // namespace fettle::passes
