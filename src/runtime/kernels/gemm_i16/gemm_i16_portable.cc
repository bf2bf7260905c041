// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i16/gemm_i16_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI16x8Portable, kGemmI16x16Portable;
const GemmI8 kGemmI16x8Portable =
    FETTLE_GEMM_I16("gemm_i16x8_portable", Isa::portable, 1, kTilesI16);
const GemmI8 kGemmI16x16Portable =
    FETTLE_GEMM_I16("gemm_i16x16_portable", Isa::portable, 2, kTilesI16x16);
}  // namespace fettle::runtime
