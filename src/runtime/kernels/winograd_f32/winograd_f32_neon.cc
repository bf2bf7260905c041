// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/winograd_f32/winograd_f32_body.h"

namespace fettle::runtime {
extern const WinogradF32 kWinogradF32Neon;
const WinogradF32 kWinogradF32Neon = {"winograd_f32_neon", Isa::neon, kTransforms4, kTransforms2};
}  // namespace fettle::runtime
