// SPDX-License-Identifier: Apache-2.0
#include "measure/in_turn.h"

#include <algorithm>

#include "base/clock.h"
#include "measure/bound_inputs.h"

namespace fettle::measure {

namespace {

constexpr size_t kLeastRounds = 5;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Result<double> time_us(runtime::Session& session) {
  const int64_t start = now_ns();
  FETTLE_TRY(session.run());
  return static_cast<double>(now_ns() - start) / 1e3;
}

}  // namespace

Result<InTurn> time_in_turn(runtime::Session& first, runtime::Session& second, double seconds) {
  BoundInputs first_inputs(first), second_inputs(second);
  FETTLE_TRY(first_inputs.bind());
  FETTLE_TRY(second_inputs.bind());
  std::vector<double> a, b, ratios;
  const int64_t begin = now_ns();
  // The first round only warms up.
  for (size_t round = 0; round <= kLeastRounds || now_ns() < begin + seconds * 1e9; ++round) {
    FETTLE_ASSIGN(const double first_us, time_us(first));
    FETTLE_ASSIGN(const double second_us, time_us(second));
    if (round == 0) continue;
    a.push_back(first_us);
    b.push_back(second_us);
    ratios.push_back(second_us / first_us);
  }
  return InTurn{median(a), median(b), median(ratios)};
}

}  // namespace fettle::measure
