// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/gemm_f32_body.h"

namespace fettle::runtime {
extern const GemmF32 kGemmF32Portable;
const GemmF32 kGemmF32Portable = {"gemm_f32_portable", Isa::portable, kTileCount, kTiles};
}  // namespace fettle::runtime
