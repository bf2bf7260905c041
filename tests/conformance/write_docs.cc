// SPDX-License-Identifier: Apache-2.0
#include "write_docs.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace fettle::conformance {

namespace {

struct Row {
  int passed = 0;
  std::map<std::string, int> reasons;  // why cases are refused
};

// The reason without the place, which names one case's node, and fit for a table.
std::string reason(const std::string& message) {
  std::string r = message;
  const size_t quote = r.find("': ");
  if (quote != std::string::npos) r = r.substr(quote + 3);
  for (const char* obvious : {", which Fettle does not compute with", " of domain ai.onnx"}) {
    if (const size_t at = r.find(obvious); at != std::string::npos) {
      r.erase(at, std::string_view(obvious).size());
    }
  }
  std::string escaped;
  for (char c : r) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

}  // namespace

std::string conformance_page(const std::vector<CaseResult>& results) {
  std::map<std::string, Row> rows;
  int passed = 0;
  for (const CaseResult& r : results) {
    Row& row = rows[r.op];
    if (r.outcome == Outcome::passed) {
      ++passed;
      ++row.passed;
    } else {
      ++row.reasons[reason(r.message)];
    }
  }
  std::string page =
      "# ONNX conformance\n\n"
      "The ONNX standard's backend tests (opsets up to 28), each read, bound to its inputs and run "
      "three times, as it stands, after every pass, and written to ONNX again, and compared with "
      "the standard's outputs "
      "(relative 1e-3, absolute 1e-5; integers exactly). A case passes or is refused with a "
      "reason; a wrong answer fails the test suite. Operators are those of the model file; "
      "`expanded` counts the standard's decompositions into primitive operators.\n\n"
      "Written by `fettle_conformance --write=docs/conformance.md`.\n\n"
      "**" +
      std::to_string(passed) + " of " + std::to_string(results.size()) +
      " pass.**\n\n"
      "| operator | passed | refused | why |\n|---|---:|---:|---|\n";
  for (const auto& [op, row] : rows) {
    std::vector<std::pair<int, std::string>> reasons;
    int refused = 0;
    for (const auto& [text, count] : row.reasons) {
      reasons.emplace_back(-count, text);
      refused += count;
    }
    std::sort(reasons.begin(), reasons.end());
    std::string why;
    for (const auto& [count, text] : reasons) {
      if (!why.empty()) why += "<br>";
      why += (reasons.size() > 1 ? std::to_string(-count) + "× " : "") + text;
    }
    page += "| " + op + " | " + std::to_string(row.passed) + " | " + std::to_string(refused) +
            " | " + why + " |\n";
  }
  return page;
}

}  // namespace fettle::conformance
