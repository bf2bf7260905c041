// SPDX-License-Identifier: Apache-2.0
#include "measure/in_turn.h"

#include <algorithm>
#include <limits>

#include "base/clock.h"
#include "measure/bound_inputs.h"

namespace fettle::measure {

namespace {

constexpr int kLeastRounds = 5;

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
  constexpr double kNever = std::numeric_limits<double>::infinity();
  InTurn least{kNever, kNever};
  const int64_t begin = now_ns();
  for (int round = 0; round < kLeastRounds || now_ns() < begin + seconds * 1e9; ++round) {
    FETTLE_ASSIGN(const double first_us, time_us(first));
    FETTLE_ASSIGN(const double second_us, time_us(second));
    least = {std::min(least.first_us, first_us), std::min(least.second_us, second_us)};
  }
  return least;
}

}  // namespace fettle::measure
