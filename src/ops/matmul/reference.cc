// SPDX-License-Identifier: Apache-2.0
//
// One output row at a time. Its row of A is first copied out, widened; then either rows of B are
// added to the sums (B as stored) or each sum is a dot product (B transposed).
#include <algorithm>

#include "ops/floats.h"
#include "ops/matmul/matmul.h"

namespace fettle::ops {

namespace {

template <class T>
void product_row(const MatrixProduct& p, const T* a, const T* b, Accum<T>* a_row, Accum<T>* sums) {
  using A = Accum<T>;
  for (int64_t l = 0; l < p.k; ++l) a_row[l] = static_cast<A>(a[l * p.a_col]);
  if (p.b_row == 1 && p.b_col != 1) {
    for (int64_t j = 0; j < p.n; ++j) sums[j] = dot<A>(a_row, b + j * p.b_col, p.k);
    return;
  }
  std::fill_n(sums, p.n, A(0));
  for (int64_t l = 0; l < p.k; ++l) axpy(a_row[l], b + l * p.b_row, p.b_col, sums, p.n);
}

// Signed integers multiply as unsigned ones, which wrap.
template <class F>
void visit_product(DType type, F&& f) {
  if (visit_float(type, f)) return;
  if (type == DType::i32 || type == DType::u32) f(uint32_t{});
  if (type == DType::i64 || type == DType::u64) f(uint64_t{});
}

template <class T>
T finish(const Activation& activation, Accum<T> sum) {
  if constexpr (std::is_integral_v<T>) {
    return sum;
  } else {
    return static_cast<T>(activate(activation, sum));
  }
}

}  // namespace

size_t scratch_product(const MatrixProduct& p) {
  return static_cast<size_t>(p.n + p.k) * sizeof(double);
}

Status reference_gemm_float(const OpCall& call, const GemmShape& s) {
  visit_product(call.in[0].dtype, [&]<class T>(T) {
    using A = Accum<T>;
    const MatrixProduct& p = s.product;
    const auto* a = static_cast<const T*>(call.in[0].data);
    const auto* b = static_cast<const T*>(call.in[1].data);
    const auto* c = call.has_in(2) ? static_cast<const T*>(call.in[2].data) : nullptr;
    auto* out = static_cast<T*>(call.out[0].data);
    auto* sums = reinterpret_cast<A*>(call.scratch.data());
    for (int64_t i = 0; i < p.m; ++i) {
      product_row(p, a + i * p.a_row, b, sums + p.n, sums);
      for (int64_t j = 0; j < p.n; ++j) {
        A sum = static_cast<A>(s.alpha) * sums[j];
        if (c) sum += static_cast<A>(s.beta) * static_cast<A>(c[i * s.c_row + j * s.c_col]);
        out[i * p.n + j] = finish<T>(s.activation, sum);
      }
    }
  });
  return {};
}

Status reference_matmul_float(const OpCall& call, const MatMulShape& s) {
  visit_product(call.in[0].dtype, [&]<class T>(T) {
    using A = Accum<T>;
    const MatrixProduct& p = s.product;
    auto* out = static_cast<T*>(call.out[0].data);
    auto* sums = reinterpret_cast<A*>(call.scratch.data());
    const int64_t batch = s.batch.elements();
    for (int64_t m = 0; m < batch; ++m) {
      int64_t at_a, at_b;
      matrix_offsets(s, m, &at_a, &at_b);
      const T* a = static_cast<const T*>(call.in[0].data) + at_a;
      const T* b = static_cast<const T*>(call.in[1].data) + at_b;
      for (int64_t i = 0; i < p.m; ++i, out += p.n) {
        product_row(p, a + i * p.a_row, b, sums + p.n, sums);
        for (int64_t j = 0; j < p.n; ++j) out[j] = finish<T>(s.activation, sums[j]);
      }
    }
  });
  return {};
}

}  // namespace fettle::ops
