// SPDX-License-Identifier: Apache-2.0
//
// What was measured, in lines for people: `fettle bench` and `fettle-run` print them.
#pragma once

#include <string>
#include <string_view>

#include "device/latency.h"
#include "measure/late_runs.h"

namespace fettle::measure {

// "p50   1.234 ms" and so on; where there are too few samples, how many it needs.
std::string text_of(const device::LatencySummary& latency, std::string_view prefix = "");
// How many were late, and of each cause how often they and the others met it.
std::string text_of(const LateRuns& late, bool over_a_deadline);

}  // namespace fettle::measure
