// SPDX-License-Identifier: Apache-2.0
#include "ops/signal/signal.h"

#include "ops/shapes.h"

namespace fettle::ops {

Status scalar_input(const char* op, const char* what, const OpCall& call, size_t input,
                    int64_t otherwise, int64_t* value) {
  *value = otherwise;
  if (!call.has_in(input)) return {};
  const TensorView& view = call.in[input];
  if ((view.dtype != DType::i64 && view.dtype != DType::i32) || view.elements() != 1) {
    return invalid_input(std::string(op) + ": its " + what + " should be one integer");
  }
  if (!has_values(call, input)) return needs_value(op, what);
  *value = value_at(view, 0);
  return {};
}

}  // namespace fettle::ops
