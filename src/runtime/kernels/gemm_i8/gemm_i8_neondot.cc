// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI8NeonDot;
const GemmI8 kGemmI8NeonDot = FETTLE_GEMM_I8("gemm_i8_neondot", Isa::neondot);
}  // namespace fettle::runtime
