// SPDX-License-Identifier: Apache-2.0
//
// How sums of codes become codes of the result, for pools and reductions of 8 and of 16 bits.
#pragma once

#include "base/op_call.h"
#include "base/requantize.h"

namespace fettle::runtime {

// Where a half of a mean goes; where it is not to the even code, the mean is of the codes
// themselves.
enum class MeanTies : uint8_t { even, up, away };

struct PoolScale {
  float from = 1, to = 1;  // the operand's and the result's scale
  int32_t in_zero_point = 0;
  Requantizer output;
  MeanTies ties = MeanTies::even;

  // Bounds before the result's zero point is added.
  float lo() const { return static_cast<float>(output.low - output.zero_point); }
  float hi() const { return static_cast<float>(output.high - output.zero_point); }
  // Of a sum that is divided by `count`.
  float multiplier(int64_t count) const {
    return requantize_multiplier(from, to * static_cast<float>(count));
  }
  // The mean of `count` codes, where ties are not even.
  int32_t mean_of_codes(int64_t sum, int64_t count) const;
};

// False where operand and result are not codes of `type` with one range each.
bool read_pool_scale(const OpCall& call, DType type, PoolScale* scale);

// Whether operand and result are codes of `type` that stay what they are: the largest, the least.
bool keeps_codes(const OpCall& call, DType type);

}  // namespace fettle::runtime
