// SPDX-License-Identifier: Apache-2.0
//
// The part of an operator that a device needs: its shapes and its portable implementation.
// The runtime is handed a function that finds them, so that it does not depend on the operators.
#pragma once

#include <string_view>

#include "base/op_call.h"
#include "base/rows.h"

namespace fettle {

// The rows of input `input` that rows `out` of output 0 need, both images [1, H, W, C] of known
// types. False: all of that input.
using RowsFn = bool (*)(const OpCall& call, int input, Rows out, Rows* in);

struct PortableOp {
  std::string_view name;
  Status (*infer)(const OpCall& call);
  Status (*run)(const OpCall& call);
  size_t (*scratch)(const OpCall& call);  // nullptr: needs none
  RowsFn rows;                            // nullptr: no rows without all of every input
};

// False where there is no such operator.
using FindPortableOp = bool (*)(std::string_view name, PortableOp* op);

}  // namespace fettle
