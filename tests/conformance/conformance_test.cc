// SPDX-License-Identifier: Apache-2.0
// Every case of the ONNX standard's backend tests is a test here: --gtest_filter=*test_conv*.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "run_case.h"
#include "write_docs.h"

namespace fettle::conformance {
namespace {

// Raised as operators land; a fall below it is a regression.
constexpr int kLeastPassed = 1160;

std::vector<CaseResult>& results() {
  static std::vector<CaseResult> all;
  return all;
}

const std::vector<std::string>& cases() {
  static const std::vector<std::string> names = list_cases(FETTLE_ONNX_CASES);
  return names;
}

class Conformance : public testing::TestWithParam<std::string> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Conformance);

TEST_P(Conformance, Case) {
  const CaseResult result = run_case(FETTLE_ONNX_CASES, GetParam());
  results().push_back(result);
  if (result.outcome == Outcome::refused) GTEST_SKIP() << "refused: " << result.message;
  EXPECT_TRUE(result.outcome == Outcome::passed) << result.message;
}

INSTANTIATE_TEST_SUITE_P(Onnx, Conformance, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param; });

TEST(ConformanceArchive, IsThere) {
  if (cases().empty()) {
    GTEST_SKIP() << "no onnx-node-tests.tar.xz below FETTLE_SHARED (" << FETTLE_SHARED
                 << "): nothing of the ONNX standard is tested";
  }
  EXPECT_GT(cases().size(), 1300u);
}

class Floor : public testing::Environment {
 public:
  void TearDown() override {
    const auto passed = std::count_if(results().begin(), results().end(),
                                      [](const auto& r) { return r.outcome == Outcome::passed; });
    if (!results().empty()) {
      std::printf("conformance: %d of %zu cases pass\n", static_cast<int>(passed),
                  results().size());
    }
    if (results().size() == cases().size() && !cases().empty()) {
      EXPECT_GE(passed, kLeastPassed);
    }
  }
};

}  // namespace
}  // namespace fettle::conformance

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new fettle::conformance::Floor);
  const int failed = RUN_ALL_TESTS();
  const std::string option = "--write=";
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg.rfind(option, 0) != 0) continue;
    std::ofstream(arg.substr(option.size()))
        << fettle::conformance::conformance_page(fettle::conformance::results());
  }
  return failed;
}
