// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i16/gemm_i16_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI16x8Avx512Vnni, kGemmI16x16Avx512Vnni;
const GemmI8 kGemmI16x8Avx512Vnni =
    FETTLE_GEMM_I16("gemm_i16x8_avx512vnni", Isa::avx512vnni, 1, kTilesI16);
const GemmI8 kGemmI16x16Avx512Vnni =
    FETTLE_GEMM_I16("gemm_i16x16_avx512vnni", Isa::avx512vnni, 2, kTilesI16x16);
}  // namespace fettle::runtime
