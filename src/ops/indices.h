// SPDX-License-Identifier: Apache-2.0
//
// Indices that are data: read, wrapped around once where negative, and checked.
#pragma once

#include "base/op_call.h"

namespace fettle::ops {

// i32 or i64.
Status require_indices(const char* op, const TensorView& indices);
// Element k as an index into `extent`; false where it lies outside.
inline bool index_at(const TensorView& indices, int64_t k, int64_t extent, int64_t* index) {
  int64_t i = indices.dtype == DType::i32 ? static_cast<const int32_t*>(indices.data)[k]
                                          : static_cast<const int64_t*>(indices.data)[k];
  i = i < 0 ? i + extent : i;
  *index = i;
  return i >= 0 && i < extent;
}
Status bad_index(const char* op, const TensorView& indices, int64_t k, int64_t extent);

}  // namespace fettle::ops
