// SPDX-License-Identifier: Apache-2.0
//
// Gemm and MatMul of floats by 8-bit weights: each row of A is quantized as it comes
// (base/dynamic_range.h), sums are exact, and the result is float again,
//
//   y[i][j] = activation( fma(float(sum[i][j]) * scale[i], scale_b[j], c[i][j]) )
//
// in float32.
#include "base/dynamic_range.h"

#include "ops/matmul/matmul.h"
#include "ops/quantized.h"

namespace fettle::ops {

namespace {

float quantize_row(const float* a, int64_t step, int64_t n, int16_t* to) {
  float least = 0, most = 0;
  for (int64_t i = 0; i < n; ++i) {
    const float v = a[i * step];
    least = v < least ? v : least;
    most = v > most ? v : most;
  }
  const DynamicRange range = dynamic_range(least, most);
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<int16_t>(range.centred(a[i * step]));
  return range.scale;
}

template <class A>
int64_t dot(const int16_t* a, const int8_t* b, int64_t step, int64_t n) {
  A sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<A>(a[i]) * static_cast<A>(b[i * step]);
  return sum;
}

// One product to y; c(i, j) is the bias.
template <class F>
void multiply(const MatrixProduct& p, const float* a, const TensorView& w, const int8_t* b,
              const Activation& activation, int16_t* row, float* y, F c) {
  const bool small = sums_fit_int32(p.k);
  for (int64_t i = 0; i < p.m; ++i) {
    const float scale = quantize_row(a + i * p.a_row, p.a_col, p.k, row);
    for (int64_t j = 0; j < p.n; ++j) {
      const int8_t* column = b + j * p.b_col;
      const int64_t sum =
          small ? dot<int32_t>(row, column, p.b_row, p.k) : dot<int64_t>(row, column, p.b_row, p.k);
      const float weight_scale = w.quant->scale[channel_entry(w, j)];
      y[i * p.n + j] = activate(activation, scaled_sum(sum, scale, weight_scale, c(i, j)));
    }
  }
}

}  // namespace

Status infer_gemm_dynamic_range(const OpCall& call, const GemmShape& s) {
  if (s.alpha != 1 || s.beta != 1) {
    return unsupported("Gemm: no integer form with alpha or beta other than 1");
  }
  return require_dynamic_range("Gemm", call, call.attrs.get_int("transB", 0) != 0 ? 0 : 1);
}

Status infer_matmul_dynamic_range(const OpCall& call) {
  const int rank = call.in[1].dims.rank();
  if (rank < 2) return unsupported("MatMul: no integer form by a vector of weights");
  return require_dynamic_range("MatMul", call, rank - 1);
}

Status reference_gemm_dynamic_range(const OpCall& call, const GemmShape& s) {
  const TensorView& w = call.in[1];
  const float* c = call.has_in(2) ? call.in[2].as<float>() : nullptr;
  multiply(s.product, call.in[0].as<float>(), w, w.as<int8_t>(), s.activation,
           reinterpret_cast<int16_t*>(call.scratch.data()), call.out[0].as_mutable<float>(),
           [&](int64_t i, int64_t j) { return c ? c[i * s.c_row + j * s.c_col] : 0.0f; });
  return {};
}

Status reference_matmul_dynamic_range(const OpCall& call, const MatMulShape& s) {
  const TensorView& w = call.in[1];
  const MatrixProduct& p = s.product;
  for (int64_t n = 0; n < s.batch.elements(); ++n) {
    int64_t at_a, at_b;
    matrix_offsets(s, n, &at_a, &at_b);
    multiply(p, call.in[0].as<float>() + at_a, w, w.as<int8_t>() + at_b, s.activation,
             reinterpret_cast<int16_t*>(call.scratch.data()),
             call.out[0].as_mutable<float>() + n * p.m * p.n,
             [](int64_t, int64_t) { return 0.0f; });
  }
  return {};
}

}  // namespace fettle::ops
