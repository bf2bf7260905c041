// SPDX-License-Identifier: Apache-2.0
//
// What 8-bit kernels read from a call: scales, zero points and bounds of codes, as
// base/requantize.h wants them, checked so that sums of 32 bits are exact.
#pragma once

#include <cstdint>
#include <vector>

#include "base/op_call.h"
#include "base/requantize.h"

namespace fettle::runtime {

struct OutputChannel {
  float multiplier;
  int32_t zero_point;  // of the weights
  int64_t bias;
};

struct QuantizedI8 {
  int32_t in_zero_point = 0;
  Requantizer output;
  std::vector<OutputChannel> channels;
  bool symmetric_weights() const;
  // Bounds of a scaled sum before the output's zero point is added.
  float lo() const { return static_cast<float>(output.low - output.zero_point); }
  float hi() const { return static_cast<float>(output.high - output.zero_point); }
};

// Reads inputs 0 (codes), 1 (constant weights, channel c's `terms` codes at c * terms) and 2
// (constant bias or none), and output 0. False where these are not 8-bit codes, the weights'
// scales not of axis 0, the fused activation no clamp, or a sum might not fit 32 bits.
bool read_quantized_i8(const OpCall& call, int64_t terms, QuantizedI8* quantized);

// Output 0 and the call's fused activation alone.
bool read_output_i8(const OpCall& call, Requantizer* requantizer);

}  // namespace fettle::runtime
