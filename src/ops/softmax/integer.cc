// SPDX-License-Identifier: Apache-2.0
//
// Softmax over i8 codes: with d = max(x) - x,
//
//   e[d] = round(exp(-scale_x * d) * 2^23)        256 integers, made in double
//   y    = requantize(e[d] * (1 / (sum of e * scale_y)))
//
// Sums are exact and an e is exact in float32, so machines whose double exp rounds alike (the
// table's only inexact step) give the same codes.
#include <algorithm>
#include <cmath>

#include "ops/quantized.h"
#include "ops/softmax/softmax.h"

namespace fettle::ops {

namespace {

constexpr int kCodes = 256;
constexpr double kOne = 8388608;  // 2^23

void fill_exponentials(float scale, int32_t* e) {
  for (int d = 0; d < kCodes; ++d) {
    e[d] = static_cast<int32_t>(std::nearbyint(std::exp(-static_cast<double>(scale) * d) * kOne));
  }
}

void normalize_row(const int8_t* x, int8_t* y, int64_t n, int64_t step, const int32_t* e,
                   float scale, const Requantizer& quantize) {
  if (n == 0) return;
  int largest = x[0];
  for (int64_t i = 1; i < n; ++i) largest = std::max<int>(largest, x[i * step]);
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += e[largest - x[i * step]];
  const auto multiplier =
      static_cast<float>(1 / (static_cast<double>(sum) * static_cast<double>(scale)));
  for (int64_t i = 0; i < n; ++i) {
    y[i * step] = static_cast<int8_t>(quantize(e[largest - x[i * step]], multiplier));
  }
}

}  // namespace

Status infer_softmax_integer(const OpCall& call) {
  FETTLE_TRY(require_quantized("Softmax", "the input", call.in[0]));
  if (call.in[0].dtype != DType::i8) return unsupported("Softmax: no integer form on i16");
  FETTLE_TRY(infer_quantized_output("Softmax", call, DType::i8));
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status run_softmax_integer(const OpCall& call, int axis) {
  const TensorView &x = call.in[0], &y = call.out[0];
  const int rank = x.dims.rank();
  const int64_t n = rank ? x.dims[axis] : 1;
  const int64_t outer = rank ? x.dims.product(0, axis) : 1;
  const int64_t inner = rank ? x.dims.product(axis + 1, rank) : 1;
  int32_t exponentials[kCodes];
  fill_exponentials(scale_of(x), exponentials);
  const Requantizer quantize{zero_point_of(y)};
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const int64_t at = o * n * inner + i;
      normalize_row(x.as<int8_t>() + at, y.as_mutable<int8_t>() + at, n, inner, exponentials,
                    scale_of(y), quantize);
    }
  }
  return {};
}

}  // namespace fettle::ops
