// SPDX-License-Identifier: Apache-2.0
#include "ops/indices.h"

#include "ops/shapes.h"

namespace fettle::ops {

Status require_indices(const char* op, const TensorView& indices) {
  if (indices.dtype == DType::i32 || indices.dtype == DType::i64) return {};
  return invalid_input(std::string(op) + ": its indices are " +
                       std::string(name_of(indices.dtype)) + ", not i32 or i64");
}

Status bad_index(const char* op, const TensorView& indices, int64_t k, int64_t extent) {
  return invalid_input(std::string(op) + ": index " + std::to_string(value_at(indices, k)) +
                       " is outside an axis of extent " + std::to_string(extent));
}

}  // namespace fettle::ops
