// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i16/gemm_i16_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI16x8Avx2, kGemmI16x16Avx2;
const GemmI8 kGemmI16x8Avx2 = FETTLE_GEMM_I16("gemm_i16x8_avx2", Isa::avx2, 1, kTilesI16);
const GemmI8 kGemmI16x16Avx2 = FETTLE_GEMM_I16("gemm_i16x16_avx2", Isa::avx2, 2, kTilesI16x16);
}  // namespace fettle::runtime
