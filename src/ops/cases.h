// SPDX-License-Identifier: Apache-2.0
//
// Short ways to write the types of an operator's example calls.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

inline ir::Type typed(DType dtype, std::initializer_list<int64_t> extents) {
  return {dtype, false, Dims(extents), nullptr};
}
inline ir::Type f32(std::initializer_list<int64_t> extents) { return typed(DType::f32, extents); }

}  // namespace fettle::ops
