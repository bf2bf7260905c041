// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i16/gemm_i16_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI16x8Neon, kGemmI16x16Neon;
const GemmI8 kGemmI16x8Neon = FETTLE_GEMM_I16("gemm_i16x8_neon", Isa::neon, 1, kTilesI16);
const GemmI8 kGemmI16x16Neon = FETTLE_GEMM_I16("gemm_i16x16_neon", Isa::neon, 2, kTilesI16x16);
}  // namespace fettle::runtime
