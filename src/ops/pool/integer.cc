// SPDX-License-Identifier: Apache-2.0
//
// AveragePool over codes: the sum of a window is exact, and the multiplier divides by how many
// elements were summed, scale_x / (scale_y * count). Padding that counts is zero_x, so adds 0.
//
// TFLite averages the codes themselves, operand and result having one range, and says where a half
// goes: away from code 0 for i8 and i16, up for u8. Sixty-four elements tie once in 64 times, so
// that its models need the same (attribute `ties`; "even" is this project's own rule).
#include <algorithm>

#include "ops/pool/pool.h"
#include "ops/pool/windows.h"
#include "ops/quantized.h"

namespace fettle::ops {

namespace {

enum class Ties : uint8_t { even, up, away };

Status parse_ties(const char* op, const Attributes& attrs, Ties* ties) {
  const std::string_view name = attrs.get_string("ties", "even");
  if (name == "even") *ties = Ties::even;
  if (name == "up") *ties = Ties::up;
  if (name == "away") *ties = Ties::away;
  if (name == "even" || name == "up" || name == "away") return {};
  return invalid_input(std::string(op) + ": ties '" + std::string(name) + "' are not known");
}

// sum / count to the nearest integer, halves up or away from 0.
int64_t mean_code(int64_t sum, int64_t count, Ties ties) {
  const int64_t half = count / 2;
  if (sum >= 0) return (sum + half) / count;
  return ties == Ties::away ? (sum - half) / count : -((-sum + (count - 1) / 2) / count);
}

}  // namespace

Status infer_average_integer(const char* op, const OpCall& call) {
  FETTLE_TRY(require_quantized(op, "the input", call.in[0]));
  FETTLE_TRY(infer_quantized_output(op, call, call.in[0].dtype));
  Ties ties = Ties::even;
  FETTLE_TRY(parse_ties(op, call.attrs, &ties));
  if (ties != Ties::even && !(*call.in[0].quant == *call.out[0].quant)) {
    return unsupported(std::string(op) + ": no mean of codes where the output has another range");
  }
  Requantizer quantize;
  return output_requantizer(op, call, &quantize);
}

Status reference_average_integer(const OpCall& call, const PoolShape& s) {
  Requantizer quantize;
  FETTLE_TRY(output_requantizer("AveragePool", call, &quantize));
  Ties ties = Ties::even;
  FETTLE_TRY(parse_ties("AveragePool", call.attrs, &ties));
  const TensorView &in = call.in[0], &out = call.out[0];
  const int32_t zero = ties == Ties::even ? zero_point_of(in) : 0;
  visit_code(in.dtype, [&]<class T>(T) {
    const T* x = in.as<T>();
    T* to = out.as_mutable<T>();
    each_window(
        s, [&](const Taps* taps, int64_t from, int64_t at, int64_t z, int64_t y, int64_t column) {
          int64_t sum = 0;
          each_tap(s, taps, [&](int64_t tap, auto...) { sum += x[from + tap] - zero; });
          const int64_t count = average_count(s, z, y, column);
          if (ties != Ties::even) {
            const auto low = int64_t{quantize.low}, high = int64_t{quantize.high};
            to[at] = static_cast<T>(std::clamp(mean_code(sum, count, ties), low, high));
            return;
          }
          const float m =
              requantize_multiplier(scale_of(in), scale_of(out) * static_cast<float>(count));
          to[at] = static_cast<T>(quantize(sum, m));
        });
  });
  return {};
}

}  // namespace fettle::ops
