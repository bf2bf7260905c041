// SPDX-License-Identifier: Apache-2.0
//
// One case of the ONNX standard's backend tests: a model of one operator, inputs, and the outputs
// that a conforming runtime gives.
#pragma once

#include <string>
#include <vector>

namespace fettle::conformance {

enum class Outcome { passed, refused, wrong };

struct CaseResult {
  std::string name;
  std::string op;  // the operator that the case is named for
  Outcome outcome = Outcome::wrong;
  std::string message;  // why it was refused, or what differs
};

// Names of the cases below the folder, sorted; empty where it is absent.
std::vector<std::string> list_cases(const std::string& folder);
// Read, bound to its inputs, lowered and run, as `fettle run` does it: as it stands, after the
// passes, and written and read back.
CaseResult run_case(const std::string& folder, const std::string& name);

}  // namespace fettle::conformance
