// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI8Portable;
const GemmI8 kGemmI8Portable = FETTLE_GEMM_I8("gemm_i8_portable", Isa::portable);
}  // namespace fettle::runtime
