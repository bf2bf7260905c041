// SPDX-License-Identifier: Apache-2.0
//
// Which of two sessions is faster on this machine: they run in turn, so that what disturbs one
// disturbs the other, and the least time of each counts, since nothing makes a run shorter.
#pragma once

#include "runtime/session.h"

namespace fettle::measure {

struct InTurn {
  double first_us = 0, second_us = 0;  // the least
};

// For so many seconds, but at least five rounds. Inputs are of a fixed seed.
Result<InTurn> time_in_turn(runtime::Session& first, runtime::Session& second, double seconds);

}  // namespace fettle::measure
