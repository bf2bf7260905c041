// SPDX-License-Identifier: Apache-2.0
//
// docs/conformance.md: for each operator how many of its cases pass, and why the rest is refused.
#pragma once

#include <string>
#include <vector>

#include "run_case.h"

namespace fettle::conformance {

std::string conformance_page(const std::vector<CaseResult>& results);

}  // namespace fettle::conformance
