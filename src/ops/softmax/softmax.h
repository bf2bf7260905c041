// SPDX-License-Identifier: Apache-2.0
//
// What the files of the softmax family share.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// Softmax over codes: types of operand and output; computation along a checked axis.
Status infer_softmax_integer(const OpCall& call);
Status run_softmax_integer(const OpCall& call, int axis);

}  // namespace fettle::ops
