// SPDX-License-Identifier: Apache-2.0
//
// Operators that pick elements by index: Gather (whole slices along an axis), GatherElements (one
// element for each index) and GatherND (slices at coordinates). Negative indices count from the
// end; one outside the tensor is an error of the call, found while it runs.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

OpDef gather_op();
OpDef gather_elements_op();
OpDef gather_nd_op();

}  // namespace fettle::ops
