// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear and DequantizeLinear: q = clamp(round_half_even(x / scale) + zero_point) and
// x = (q - zero_point) * scale, per tensor, per index along an axis, or per block along it.
//
// Scale and zero point are inputs 1 and 2 as in ONNX. Where they are absent, they are the
// quantization of the integer tensor itself (output or input 0), as TFLite and our own passes
// have it; then QuantizeLinear takes an integer input, too, and brings it to another range.
#pragma once

#include "ops/op.h"

namespace fettle::ops {

// The input as [outer, length, inner], where scales change along `length` (and, where blocked,
// along the other two).
struct ScaleLayout {
  int64_t outer = 1, length = 1, inner = 1;
  int64_t block = 0;   // elements of `length` that share a scale; 0: one per element
  int64_t scales = 1;  // 1: one for the whole tensor
  bool blocked = false;
  int64_t index(int64_t o, int64_t l, int64_t i) const {
    if (scales == 1 && !blocked) return 0;
    if (!blocked) return l;
    return (o * ((length + block - 1) / block) + l / block) * inner + i;
  }
};

// Scales and zero points from inputs 1 and 2, or from a quantization.
struct ScaleSource {
  const OpCall* call = nullptr;
  const Quantization* quant = nullptr;
  float scale(int64_t i) const;
  int32_t zero_point(int64_t i) const;
};

// The type that ONNX numbers so in output_dtype and the like; none for 0 and types we have not.
DType dtype_of_onnx_number(int64_t number);
int64_t onnx_number_of(DType type);

Status resolve_scales(const char* op, const OpCall& call, const Quantization* own,
                      ScaleLayout* layout, ScaleSource* source);

Status infer_quantize(const OpCall& call);
Status reference_quantize(const OpCall& call);
Status infer_dequantize(const OpCall& call);
Status reference_dequantize(const OpCall& call);

}  // namespace fettle::ops
