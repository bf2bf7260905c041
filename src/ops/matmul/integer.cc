// SPDX-License-Identifier: Apache-2.0
//
// Gemm and MatMul over codes. Sums are exact; a Gemm's B is a weight (by output channel or not), a
// MatMul's is either that or an activation like its A. One output row at a time: its row of
// A is copied out less the zero point, then each element is a dot product.
#include "ops/matmul/matmul.h"
#include "ops/quantized.h"

namespace fettle::ops {

namespace {

template <class T>
void copy_row(const T* a, int64_t step, int64_t n, int32_t zero, int16_t* to) {
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<int16_t>(a[i * step] - zero);
}

template <class A, class T>
A dot(const int16_t* a, const T* b, int64_t step, int32_t zero, int64_t n) {
  A sum = 0;
  if (step == 1) {
    for (int64_t i = 0; i < n; ++i) sum += static_cast<A>(a[i]) * static_cast<A>(b[i] - zero);
  } else {
    for (int64_t i = 0; i < n; ++i) {
      sum += static_cast<A>(a[i]) * static_cast<A>(b[i * step] - zero);
    }
  }
  return sum;
}

template <class T, class W, class A>
void gemm(const OpCall& call, const GemmShape& s, const Requantizer& quantize) {
  const TensorView &x = call.in[0], &w = call.in[1], &out = call.out[0];
  const MatrixProduct& p = s.product;
  auto* row = reinterpret_cast<int16_t*>(call.scratch.data());
  T* to = out.as_mutable<T>();
  for (int64_t i = 0; i < p.m; ++i) {
    copy_row(x.as<T>() + i * p.a_row, p.a_col, p.k, zero_point_of(x), row);
    for (int64_t j = 0; j < p.n; ++j) {
      const size_t c = channel_entry(w, j);
      int64_t sum = dot<A>(row, w.as<W>() + j * p.b_col, p.b_row, w.quant->zero_point[c], p.k);
      if (call.has_in(2)) sum += integer_at<int64_t>(call.in[2], i * s.c_row + j * s.c_col);
      const float m = requantize_multiplier(scale_of(x), w.quant->scale[c], scale_of(out));
      *to++ = static_cast<T>(quantize(sum, m));
    }
  }
}

template <class T, class TB, class A>
void matmul(const OpCall& call, const MatMulShape& s, const Requantizer& quantize) {
  const TensorView &a = call.in[0], &b = call.in[1], &out = call.out[0];
  const MatrixProduct& p = s.product;
  auto* row = reinterpret_cast<int16_t*>(call.scratch.data());
  T* to = out.as_mutable<T>();
  for (int64_t n = 0; n < s.batch.elements(); ++n) {
    int64_t at_a, at_b;
    matrix_offsets(s, n, &at_a, &at_b);
    for (int64_t i = 0; i < p.m; ++i) {
      copy_row(a.as<T>() + at_a + i * p.a_row, p.a_col, p.k, zero_point_of(a), row);
      for (int64_t j = 0; j < p.n; ++j) {
        const TB* column = b.as<TB>() + at_b + j * p.b_col;
        const size_t c = channel_entry(b, j);
        const int64_t sum = dot<A>(row, column, p.b_row, b.quant->zero_point[c], p.k);
        const float m = requantize_multiplier(scale_of(a), b.quant->scale[c], scale_of(out));
        *to++ = static_cast<T>(quantize(sum, m));
      }
    }
  }
}

}  // namespace

Status infer_gemm_integer(const OpCall& call, const GemmShape& s) {
  FETTLE_TRY(require_quantized("Gemm", "the input", call.in[0]));
  const int channels = call.attrs.get_int("transB", 0) != 0 ? 0 : 1;
  FETTLE_TRY(require_quantized_weight("Gemm", call.in[0], call.in[1], channels));
  if (call.has_in(2)) FETTLE_TRY(require_integer_bias("Gemm", call.in[2]));
  if (s.alpha != 1 || s.beta != 1) {
    return unsupported("Gemm: no integer form with alpha or beta other than 1");
  }
  FETTLE_TRY(infer_quantized_output("Gemm", call, call.in[0].dtype));
  Requantizer quantize;
  return output_requantizer("Gemm", call, &quantize);
}

Status infer_matmul_integer(const OpCall& call) {
  FETTLE_TRY(require_quantized("MatMul", "the first operand", call.in[0]));
  const TensorView& b = call.in[1];
  if (b.dtype == DType::i8 && call.in[0].dtype == DType::i16) {
    FETTLE_TRY(require_quantized_weight("MatMul", call.in[0], b, b.dims.rank() - 1));
  } else if (b.quant != nullptr && !b.quant->per_tensor()) {
    if (b.dims.rank() < 2) return unsupported("MatMul: a vector with more than one scale");
    FETTLE_TRY(require_quantized_weight("MatMul", call.in[0], b, b.dims.rank() - 1));
  } else {
    FETTLE_TRY(require_quantized("MatMul", "the second operand", b));
    if (b.dtype != call.in[0].dtype) {
      return unsupported("MatMul: no integer form for an i8 and an i16 operand");
    }
  }
  FETTLE_TRY(infer_quantized_output("MatMul", call, call.in[0].dtype));
  Requantizer quantize;
  return output_requantizer("MatMul", call, &quantize);
}

Status reference_gemm_integer(const OpCall& call, const GemmShape& s) {
  Requantizer quantize;
  FETTLE_TRY(output_requantizer("Gemm", call, &quantize));
  if (call.in[0].dtype == DType::i16) {
    if (call.in[1].dtype == DType::i16) {
      gemm<int16_t, int16_t, int64_t>(call, s, quantize);
    } else {
      gemm<int16_t, int8_t, int64_t>(call, s, quantize);
    }
  } else if (sums_fit_int32(s.product.k)) {
    gemm<int8_t, int8_t, int32_t>(call, s, quantize);
  } else {
    gemm<int8_t, int8_t, int64_t>(call, s, quantize);
  }
  return {};
}

Status reference_matmul_integer(const OpCall& call, const MatMulShape& s) {
  Requantizer quantize;
  FETTLE_TRY(output_requantizer("MatMul", call, &quantize));
  if (call.in[0].dtype == DType::i16) {
    if (call.in[1].dtype == DType::i16) {
      matmul<int16_t, int16_t, int64_t>(call, s, quantize);
    } else {
      matmul<int16_t, int8_t, int64_t>(call, s, quantize);
    }
  } else if (sums_fit_int32(s.product.k)) {
    matmul<int8_t, int8_t, int32_t>(call, s, quantize);
  } else {
    matmul<int8_t, int8_t, int64_t>(call, s, quantize);
  }
  return {};
}

}  // namespace fettle::ops
