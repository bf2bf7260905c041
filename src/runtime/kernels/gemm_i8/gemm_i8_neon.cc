// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI8Neon;
const GemmI8 kGemmI8Neon = FETTLE_GEMM_I8("gemm_i8_neon", Isa::neon);
}  // namespace fettle::runtime
