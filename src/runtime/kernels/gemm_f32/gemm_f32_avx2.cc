// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/gemm_f32_body.h"

namespace fettle::runtime {
extern const GemmF32 kGemmF32Avx2;
const GemmF32 kGemmF32Avx2 = {"gemm_f32_avx2", Isa::avx2, kTileCount, kTiles};
}  // namespace fettle::runtime
