// SPDX-License-Identifier: Apache-2.0
//
// Det: the determinant of each square matrix, by elimination with partial pivoting in double.
#include <algorithm>
#include <cmath>

#include "ops/cases.h"
#include "ops/operands.h"
#include "ops/shapes.h"

namespace fettle::ops {

namespace {

Status infer(const OpCall& call) {
  const TensorView& x = call.in[0];
  FETTLE_TRY(require_float("Det", "input", x));
  FETTLE_TRY(require_rank("Det", "input", x, 2, kMaxRank));
  FETTLE_TRY(refuse_quantized("Det", call));
  const int rank = x.dims.rank();
  if (x.dims[rank - 1] != x.dims[rank - 2]) {
    return invalid_input("Det: " + x.dims.to_string() + " holds no square matrices");
  }
  call.out[0].dtype = x.dtype;
  call.out[0].dims = Dims(x.dims.begin(), x.dims.end() - 2);
  call.out[0].dynamic = x.dynamic;
  return {};
}

size_t scratch(const OpCall& call) {
  if (call.in[0].elements() == 0) return 0;
  const int64_t n = call.in[0].dims.back();
  return static_cast<size_t>(n * n) * sizeof(double);
}

double determinant(double* m, int64_t n) {
  double det = 1;
  for (int64_t c = 0; c < n; ++c) {
    int64_t pivot = c;
    for (int64_t r = c + 1; r < n; ++r) {
      if (std::abs(m[r * n + c]) > std::abs(m[pivot * n + c])) pivot = r;
    }
    if (m[pivot * n + c] == 0) return 0;
    if (pivot != c) {
      std::swap_ranges(m + pivot * n, m + pivot * n + n, m + c * n);
      det = -det;
    }
    det *= m[c * n + c];
    for (int64_t r = c + 1; r < n; ++r) {
      const double factor = m[r * n + c] / m[c * n + c];
      for (int64_t k = c; k < n; ++k) m[r * n + k] -= factor * m[c * n + k];
    }
  }
  return det;
}

Status reference(const OpCall& call) {
  const TensorView& x = call.in[0];
  const int64_t n = x.dims.back();
  auto* m = reinterpret_cast<double*>(call.scratch.data());
  for (int64_t i = 0, matrices = call.out[0].elements(); i < matrices; ++i) {
    for (int64_t k = 0; k < n * n; ++k) m[k] = number_at(x, i * n * n + k);
    set_number(call.out[0], i, determinant(m, n));
  }
  return {};
}

Cost cost(const OpCall& call) {
  return {.flops = call.in[0].elements() * call.in[0].dims.back() * 2 / 3};
}

std::vector<Case> cases() {
  return {{.name = "small", .inputs = {f32({3, 4, 4})}, .tolerance = 1e-4f}};
}

constexpr OnnxRule kOnnx[] = {{"Det"}};
constexpr OpDef kOps[] = {{.name = "Det",
                           .schema = Schema(1, 1, 1, 1),
                           .infer = infer,
                           .cost = cost,
                           .reference = reference,
                           .scratch = scratch,
                           .in_place = kNotApplicable,
                           .rows = kNotApplicable,
                           .quant = QuantRule::keep_float,
                           .onnx = kOnnx,
                           .tflite = kNotApplicable,
                           .cases = cases}};

}  // namespace

FETTLE_OP_TABLE(det, kOps)

}  // namespace fettle::ops
