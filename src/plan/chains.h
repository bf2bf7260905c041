// SPDX-License-Identifier: Apache-2.0
//
// What every chain of a plan has to keep to (see Plan's invariants), apart from what only operators
// know: whether they can make some rows of their output at a time.
#pragma once

#include "plan/plan.h"

namespace fettle::plan {

// Needs what check_steps has checked: indices in range, one writer for each tensor.
Status check_chains(const Plan& plan);

// Which input of `step` is striped: the one that the step before makes. -1: none.
int striped_input(const Plan& plan, const Step& step);

}  // namespace fettle::plan
