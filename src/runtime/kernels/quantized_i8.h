// SPDX-License-Identifier: Apache-2.0
//
// What integer kernels read from a call: scales, zero points and bounds of codes, as
// base/requantize.h wants them, checked so that sums are exact: of 8-bit codes in 32 bits, of
// 16-bit codes in double.
#pragma once

#include <cstdint>
#include <vector>

#include "base/op_call.h"
#include "base/requantize.h"
#include "runtime/kernels/gemm_i8/gemm_i8.h"

namespace fettle::runtime {

struct OutputChannel {
  float multiplier;
  int32_t zero_point;  // of the weights
  int64_t bias;
  // Sums over the channel's weights, less their zero point: of magnitudes, and as they are.
  int64_t weight_size = 0, weight_sum = 0;
};

// Constant weights of 8 or 16 bits.
struct WeightCodes {
  const void* data = nullptr;
  bool wide = false;
  int32_t operator[](int64_t i) const {
    return wide ? int32_t{static_cast<const int16_t*>(data)[i]}
                : int32_t{static_cast<const int8_t*>(data)[i]};
  }
};

// A weight in elements of 16 bits whose products with 16-bit codes leave 32-bit sums room for
// hundreds of them: itself, or two halves of 8 bits (one of which may be 128), 256 * half 1 + half
// 0.
inline int32_t weight_element(int32_t weight, int halves, int half) {
  const int32_t low = static_cast<int8_t>(weight);
  return halves == 1 ? weight : half == 0 ? low : (weight - low) / 256;
}
// What one of 16 bits multiplies a weight by, at most.
inline constexpr int64_t kMostCodeI16 = 32768;

struct QuantizedI8 {
  bool wide = false;  // activations of 16 bits, which have no zero point
  // 8-bit activations whose zero points are known when they come: sums are wanted, not codes.
  bool sums = false;
  int32_t in_zero_point = 0;
  WeightCodes weights;
  Requantizer output;
  std::vector<OutputChannel> channels;
  bool symmetric_weights() const;
  // The best that multiply these.
  const GemmI8& kernels(Isa isa) const {
    return wide ? gemm_i16(isa, weights.wide) : gemm_i8(isa, symmetric_weights());
  }
  // Bounds of a scaled sum before the output's zero point is added.
  float lo() const { return static_cast<float>(output.low - output.zero_point); }
  float hi() const { return static_cast<float>(output.high - output.zero_point); }
};

// Whether a tensor is codes of fixed extents with one range, as activations are; of 8 bits.
bool is_activation(const TensorView& view);
bool is_activation_i8(const TensorView& view);

// Reads inputs 0 (codes), 1 (constant weights, channel c's `terms` codes at c * terms) and 2
// (constant bias or none), and output 0. False where these are not codes of one width (weights of
// 16 bits only beside activations of 16), the weights' scales not of axis 0, the fused activation
// no clamp, or a sum might not be exact.
bool read_quantized(const OpCall& call, int64_t terms, QuantizedI8* quantized);

// How sums may begin that become codes of 8 bits.
SumForm sum_form(const QuantizedI8& quantized);

// Output 0 and the call's fused activation alone.
bool read_output(const OpCall& call, Requantizer* requantizer);

}  // namespace fettle::runtime
