// SPDX-License-Identifier: Apache-2.0
#include "ops/small_ints.h"

#include "ops/shapes.h"

namespace fettle::ops {

Status read_most(const char* op, const char* what, const OpCall& call, size_t input,
                 SmallInts* out) {
  TensorView view = call.in[input];
  if (view.dtype != DType::i32 && view.dtype != DType::i64) {
    return invalid_input(std::string(op) + ": its " + what + " should be integers, not " +
                         std::string(name_of(view.dtype)));
  }
  if (view.dims.rank() > 1 || view.elements() > kMaxRank) {
    return invalid_input(std::string(op) + ": its " + what + " are " + view.dims.to_string() +
                         ", not a list of at most " + std::to_string(kMaxRank));
  }
  if (!has_values(call, input)) {
    if (view.bounds == nullptr) return needs_value(op, what);
    view = view.bounds->most.view();
    out->bounded = true;
  }
  out->count = static_cast<int>(view.elements());
  for (int i = 0; i < out->count; ++i) out->value[i] = value_at(view, i);
  return {};
}

Status read_ints(const char* op, const char* what, const OpCall& call, size_t input,
                 SmallInts* out) {
  FETTLE_TRY(read_most(op, what, call, input, out));
  return out->bounded ? needs_value(op, what) : Status();
}

Status normalize_axes(const char* op, int rank, SmallInts* axes) {
  unsigned seen = 0;
  for (int i = 0; i < axes->count; ++i) {
    int axis;
    FETTLE_TRY(normalize_axis(op, axes->value[i], rank, &axis));
    if (seen >> axis & 1u) {
      return invalid_input(std::string(op) + ": axis " + std::to_string(axis) + " is given twice");
    }
    seen |= 1u << axis;
    axes->value[i] = axis;
  }
  return {};
}

SmallInts all_axes(int rank) {
  SmallInts axes;
  for (int i = 0; i < rank; ++i) axes.value[axes.count++] = i;
  return axes;
}

}  // namespace fettle::ops
