// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/winograd_f32/winograd_f32_body.h"

namespace fettle::runtime {
extern const WinogradF32 kWinogradF32Portable;
const WinogradF32 kWinogradF32Portable = {"winograd_f32_portable", Isa::portable, kTransforms4,
                                          kTransforms2};
}  // namespace fettle::runtime
