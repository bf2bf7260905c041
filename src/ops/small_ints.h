// SPDX-License-Identifier: Apache-2.0
//
// Short lists of integers that say how an operator works (axes, starts, repeats, ...): attributes
// or values of an input, held in place.
#pragma once

#include "base/op_call.h"

namespace fettle::ops {

struct SmallInts {
  int64_t value[kMaxRank] = {};
  int count = 0;
  bool bounded = false;  // the values are the most that they can be
  int64_t operator[](int i) const { return value[i]; }
};

// From an input that has to be known. Errors: not i32/i64, more than kMaxRank, not known.
Status read_ints(const char* op, const char* what, const OpCall& call, size_t input,
                 SmallInts* out);
// The same; where the input is not known but bounded, the most that each can be, `bounded` set. For
// operators whose result is largest then; it depends on data.
Status read_most(const char* op, const char* what, const OpCall& call, size_t input,
                 SmallInts* out);
// Axes made non-negative; an error on one outside the rank or given twice.
Status normalize_axes(const char* op, int rank, SmallInts* axes);
// All axes 0 .. rank-1.
SmallInts all_axes(int rank);

}  // namespace fettle::ops
