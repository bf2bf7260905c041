// SPDX-License-Identifier: Apache-2.0
//
// What a Reshape becomes when the transpose before it moves behind it:
//
//   Reshape(Transpose(x))  ->  Transpose(Reshape(x))
//   Reshape(Transpose(x))  ->  Transpose(Reshape(Transpose'(Reshape(x))))
//
// Algorithm: both shapes are cut into the coarsest factors of which each axis of either is a row of
// neighbours ([48,44,44] and [24,2,1936]: 24, 2, 44, 44). The factors keep the order that they have
// in x, and those of one resulting axis have to be neighbours there too. Where they are in another
// order than the axis has them, that order is all that Transpose' changes: it is what a channel
// shuffle really moves. Extents of 1 have no order and go where they cost nothing.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/dims.h"

namespace fettle::passes {

struct MovedReshape {
  std::vector<int64_t> factors;  // of x, in its order; none of them 1
  std::vector<int64_t> inner;    // Transpose' of those
  std::vector<int64_t> shape;    // what the last Reshape makes of them
  std::vector<int64_t> after;    // the transpose behind
};

// Of a transpose `perm` to the shape `from`, reshaped to `to`. Nothing where the shapes have no
// such factors, or those of an axis lie apart in x.
std::optional<MovedReshape> move_reshape(std::span<const int64_t> perm, const Dims& from,
                                         const Dims& to);

}  // namespace fettle::passes
