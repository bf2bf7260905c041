// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI8NeonI8mm;
const GemmI8 kGemmI8NeonI8mm = FETTLE_GEMM_I8("gemm_i8_neoni8mm", Isa::neoni8mm);
}  // namespace fettle::runtime
