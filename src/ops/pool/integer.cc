// SPDX-License-Identifier: Apache-2.0
//
// AveragePool over codes: the sum of a window is exact, and the multiplier divides by how many
// elements were summed, scale_x / (scale_y * count). Padding that counts is zero_x, so adds 0.
#include "ops/pool/pool.h"
#include "ops/pool/windows.h"
#include "ops/quantized.h"

namespace fettle::ops {

Status infer_average_integer(const char* op, const OpCall& call) {
  FETTLE_TRY(require_quantized(op, "the input", call.in[0]));
  FETTLE_TRY(infer_quantized_output(op, call, call.in[0].dtype));
  Requantizer quantize;
  return output_requantizer(op, call, &quantize);
}

Status reference_average_integer(const OpCall& call, const PoolShape& s) {
  Requantizer quantize;
  FETTLE_TRY(output_requantizer("AveragePool", call, &quantize));
  const TensorView &in = call.in[0], &out = call.out[0];
  const int32_t zero = zero_point_of(in);
  visit_code(in.dtype, [&]<class T>(T) {
    const T* x = in.as<T>();
    T* to = out.as_mutable<T>();
    each_window(
        s, [&](const Taps* taps, int64_t from, int64_t at, int64_t z, int64_t y, int64_t column) {
          int64_t sum = 0;
          each_tap(s, taps, [&](int64_t tap, auto...) { sum += x[from + tap] - zero; });
          const auto count = static_cast<float>(average_count(s, z, y, column));
          const float m = requantize_multiplier(scale_of(in), scale_of(out) * count);
          to[at] = static_cast<T>(quantize(sum, m));
        });
  });
  return {};
}

}  // namespace fettle::ops
