// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i16/gemm_i16_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI16x8Avx512, kGemmI16x16Avx512;
const GemmI8 kGemmI16x8Avx512 = FETTLE_GEMM_I16("gemm_i16x8_avx512", Isa::avx512, 1, kTilesI16);
const GemmI8 kGemmI16x16Avx512 =
    FETTLE_GEMM_I16("gemm_i16x16_avx512", Isa::avx512, 2, kTilesI16x16);
}  // namespace fettle::runtime
