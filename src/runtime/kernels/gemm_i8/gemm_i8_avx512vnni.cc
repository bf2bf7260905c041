// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8_body.h"

namespace fettle::runtime {
extern const GemmI8 kGemmI8Avx512Vnni;
const GemmI8 kGemmI8Avx512Vnni = FETTLE_GEMM_I8("gemm_i8_avx512vnni", Isa::avx512vnni);
}  // namespace fettle::runtime
