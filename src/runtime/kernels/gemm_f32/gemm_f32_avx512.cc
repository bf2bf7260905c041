// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/gemm_f32_body.h"

namespace fettle::runtime {
extern const GemmF32 kGemmF32Avx512;
const GemmF32 kGemmF32Avx512 = {"gemm_f32_avx512", Isa::avx512, kTileCount, kTiles};
}  // namespace fettle::runtime
