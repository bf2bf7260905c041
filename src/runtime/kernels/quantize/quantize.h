// SPDX-License-Identifier: Apache-2.0
//
// From floats to codes, back, and from one range of codes to another, element by element, with one
// scale and one zero point a tensor: what QuantizeLinear, DequantizeLinear and Requantize compute,
// bit for bit.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// quantize:    y = clamp(round(x / scale) + zero_y); what is no number becomes code 0
// dequantize:  y = float(x - zero_x) * scale
// requantize:  y = clamp(round(float(x - zero_x) * scale) + zero_y)
struct Requantization {
  const void* x;
  void* y;
  int64_t count;
  int32_t zero_x, zero_y;
  float scale;
  float lo, hi;  // bounds before zero_y is added
};

using RequantizeFn = void (*)(const Requantization& r);

enum class CodeType : uint8_t { i8, u8, i16 };
inline constexpr int kCodeTypes = 3;

struct QuantizeKernels {
  RequantizeFn quantize[kCodeTypes];                // [to]
  RequantizeFn dequantize[kCodeTypes];              // [from]
  RequantizeFn requantize[kCodeTypes][kCodeTypes];  // [from][to]
};

// The best that run on `isa`.
const QuantizeKernels& quantize_kernels(Isa isa);

}  // namespace fettle::runtime
