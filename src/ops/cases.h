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

// 8-bit weights, each index of `axis` with a scale of its own.
inline ir::Type weights_i8(std::initializer_list<int64_t> extents, int axis) {
  ir::Type type = typed(DType::i8, extents);
  auto quant = std::make_shared<Quantization>();
  quant->axis = axis;
  for (int64_t c = 0; c < type.dims[axis]; ++c) {
    quant->scale.push_back(0.01f * static_cast<float>(1 + c % 4));
    quant->zero_point.push_back(0);
  }
  type.quant = std::move(quant);
  return type;
}

}  // namespace fettle::ops
