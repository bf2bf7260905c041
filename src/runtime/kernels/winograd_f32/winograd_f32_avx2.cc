// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/winograd_f32/winograd_f32_body.h"

namespace fettle::runtime {
extern const WinogradF32 kWinogradF32Avx2;
const WinogradF32 kWinogradF32Avx2 = {"winograd_f32_avx2", Isa::avx2, kTransforms4, kTransforms2};
}  // namespace fettle::runtime
