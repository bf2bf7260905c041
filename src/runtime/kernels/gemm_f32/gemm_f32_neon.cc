// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/gemm_f32_body.h"

namespace fettle::runtime {
extern const GemmF32 kGemmF32Neon;
const GemmF32 kGemmF32Neon = {"gemm_f32_neon", Isa::neon, kTileCount, kTiles};
}  // namespace fettle::runtime
