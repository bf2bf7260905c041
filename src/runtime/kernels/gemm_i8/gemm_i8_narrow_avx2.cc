// SPDX-License-Identifier: Apache-2.0
//
// Where no weight has a zero point.
#define FETTLE_NARROW_WEIGHTS
#include "runtime/kernels/gemm_i8/gemm_i8_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI8NarrowAvx2;
const GemmI8 kGemmI8NarrowAvx2 = FETTLE_GEMM_I8("gemm_i8_narrow_avx2", Isa::avx2);
}  // namespace fettle::runtime
