// SPDX-License-Identifier: Apache-2.0
//
// Matrix products: Gemm (two matrices, a bias that broadcasts) and MatMul (NumPy's, batched).
// Both end in the fused activation.
#pragma once

#include "ops/activation.h"
#include "ops/op.h"

namespace fettle::ops {

// One product [m,k] x [k,n]; element (i, l) of a is at i * a_row + l * a_col, likewise b.
struct MatrixProduct {
  int64_t m = 0, n = 0, k = 0;
  int64_t a_row = 0, a_col = 0, b_row = 0, b_col = 0;
};

struct GemmShape {
  MatrixProduct product;
  int64_t c_row = 0, c_col = 0;  // steps of the bias; 0 where it broadcasts
  float alpha = 1, beta = 1;
  Activation activation;
};
struct MatMulShape {
  MatrixProduct product;
  Dims batch;             // extents in front of the matrices, broadcast
  Dims a_batch, b_batch;  // each operand's own
  Dims out;
  Activation activation;
};

Status resolve_gemm(const OpCall& call, GemmShape* out);
Status resolve_matmul(const char* op, const TensorView& a, const TensorView& b, MatMulShape* out);
// Offsets in elements of matrix `i` of the batch in a and in b.
void matrix_offsets(const MatMulShape& shape, int64_t i, int64_t* a, int64_t* b);

Status reference_gemm_float(const OpCall& call, const GemmShape& shape);
Status reference_matmul_float(const OpCall& call, const MatMulShape& shape);
// Over codes: types of operands and output; computation.
Status infer_gemm_integer(const OpCall& call, const GemmShape& shape);
Status infer_matmul_integer(const OpCall& call);
Status reference_gemm_integer(const OpCall& call, const GemmShape& shape);
Status reference_matmul_integer(const OpCall& call, const MatMulShape& shape);
// Floats by 8-bit weights, likewise.
Status infer_gemm_dynamic_range(const OpCall& call, const GemmShape& shape);
Status infer_matmul_dynamic_range(const OpCall& call);
Status reference_gemm_dynamic_range(const OpCall& call, const GemmShape& shape);
Status reference_matmul_dynamic_range(const OpCall& call, const MatMulShape& shape);
size_t scratch_product(const MatrixProduct& product);

std::vector<Case> gemm_cases();
std::vector<Case> matmul_cases();
extern const OnnxRule kGemmOnnx[1];
extern const TfliteRule kGemmTflite[1];
extern const TfliteRule kMatmulTflite[1];

}  // namespace fettle::ops
