// SPDX-License-Identifier: Apache-2.0
//
// Softmax over codes: with d = max(x) - x,
//
//   e[d] = round(exp(-scale_x * d) * 2^23)                                       i8: d < 256
//   e[d] = (coarse[d / 256] * fine[d % 256] + 2^36) >> 37                        i16: d < 65536
//          coarse[h] = round(exp(-scale_x * 256 h) * 2^30)
//          fine[l] = round(exp(-scale_x * l) * 2^30)
//   y    = requantize(e[d] * (1 / (sum of e * scale_y)))
//
// Sums and products of integers are exact and an e is exact in float32, so machines whose double
// exp rounds alike (the tables' only inexact step) give the same codes.
#include <algorithm>
#include <limits>

#include "base/code_exponentials.h"
#include "ops/quantized.h"
#include "ops/softmax/softmax.h"

namespace fettle::ops {

namespace {

struct NarrowExponentials {
  int32_t e[kExponentialCodes];
  explicit NarrowExponentials(float scale) {
    fill_code_exponentials(scale, 1, kNarrowExponentialUnits, e);
  }
  int32_t operator()(int32_t d) const { return e[d]; }
};

struct WideExponentials {
  int32_t coarse[kExponentialCodes], fine[kExponentialCodes];
  explicit WideExponentials(float scale) {
    fill_code_exponentials(scale, kExponentialCodes, kWideExponentialUnits, coarse);
    fill_code_exponentials(scale, 1, kWideExponentialUnits, fine);
  }
  int32_t operator()(int32_t d) const {
    return wide_exponential(coarse[d / kExponentialCodes], fine[d % kExponentialCodes]);
  }
};

template <class T, class E>
void normalize_row(const T* x, T* y, int64_t n, int64_t step, const E& e, float scale,
                   const Requantizer& quantize) {
  if (n == 0) return;
  int32_t largest = x[0];
  for (int64_t i = 1; i < n; ++i) largest = std::max<int32_t>(largest, x[i * step]);
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += e(largest - x[i * step]);
  const auto multiplier =
      static_cast<float>(1 / (static_cast<double>(sum) * static_cast<double>(scale)));
  for (int64_t i = 0; i < n; ++i) {
    y[i * step] = static_cast<T>(quantize(e(largest - x[i * step]), multiplier));
  }
}

template <class T, class E>
void normalize(const TensorView& x, const TensorView& y, int axis) {
  const int rank = x.dims.rank();
  const int64_t n = rank ? x.dims[axis] : 1;
  const int64_t outer = rank ? x.dims.product(0, axis) : 1;
  const int64_t inner = rank ? x.dims.product(axis + 1, rank) : 1;
  const E exponentials(scale_of(x));
  const Requantizer quantize{zero_point_of(y), std::numeric_limits<T>::min(),
                             std::numeric_limits<T>::max()};
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t i = 0; i < inner; ++i) {
      const int64_t at = o * n * inner + i;
      normalize_row(x.as<T>() + at, y.as_mutable<T>() + at, n, inner, exponentials, scale_of(y),
                    quantize);
    }
  }
}

}  // namespace

Status infer_softmax_integer(const OpCall& call) {
  FETTLE_TRY(require_quantized("Softmax", "the input", call.in[0]));
  FETTLE_TRY(infer_quantized_output("Softmax", call, call.in[0].dtype));
  call.out[0].dims = call.in[0].dims;
  call.out[0].dynamic = call.in[0].dynamic;
  return {};
}

Status run_softmax_integer(const OpCall& call, int axis) {
  if (call.in[0].dtype == DType::i8) {
    normalize<int8_t, NarrowExponentials>(call.in[0], call.out[0], axis);
  } else {
    normalize<int16_t, WideExponentials>(call.in[0], call.out[0], axis);
  }
  return {};
}

}  // namespace fettle::ops
