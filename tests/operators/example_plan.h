// SPDX-License-Identifier: Apache-2.0
//
// One example call of an operator as a plan of one step: inputs are named "0", "1", ... by their
// place in the call.
#pragma once

#include "generate.h"
#include "plan/plan.h"

namespace fettle::operators {

// `tensors`: of random_inputs(). Code::needs_value where the plan's shapes depend on an input.
Result<std::shared_ptr<const plan::Plan>> plan_of(const Example& example,
                                                  const std::vector<Tensor>& tensors);

}  // namespace fettle::operators
