// SPDX-License-Identifier: Apache-2.0
//
// Which of two sessions is faster on this machine: they run in turn, so that what disturbs one
// disturbs the other.
#pragma once

#include "runtime/session.h"

namespace fettle::measure {

struct InTurn {
  double first_us = 0, second_us = 0;  // medians
  double ratio = 1;                    // the median of second / first, round by round
};

// For so many seconds, but at least five rounds. Inputs are of a fixed seed.
Result<InTurn> time_in_turn(runtime::Session& first, runtime::Session& second, double seconds);

}  // namespace fettle::measure
