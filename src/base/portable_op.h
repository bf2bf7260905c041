// SPDX-License-Identifier: Apache-2.0
//
// The part of an operator that a device needs: its shapes and its portable implementation.
// The runtime is handed a function that finds them, so that it does not depend on the operators.
#pragma once

#include <string_view>

#include "base/op_call.h"

namespace fettle {

struct PortableOp {
  std::string_view name;
  Status (*infer)(const OpCall& call);
  Status (*run)(const OpCall& call);
  size_t (*scratch)(const OpCall& call);  // nullptr: needs none
};

// False where there is no such operator.
using FindPortableOp = bool (*)(std::string_view name, PortableOp* op);

}  // namespace fettle
