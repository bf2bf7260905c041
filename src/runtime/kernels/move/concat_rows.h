// SPDX-License-Identifier: Apache-2.0
//
// A Concat of codes as rows: row o of the result is row o of each operand, one after another.
#pragma once

#include <vector>

#include "base/op_call.h"

namespace fettle::runtime {

struct ConcatRows {
  int64_t outer = 1, out_unit = 0;  // rows, and elements of one of the result's
  std::vector<int64_t> units;       // and of each operand's
};

// Whether all operands and the result, which is not empty, are activations of `type`.
bool is_concat_of_codes(const OpCall& call, DType type);
ConcatRows read_concat_rows(const OpCall& call);

}  // namespace fettle::runtime
