// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_f32/depthwise_f32_body.h"

namespace fettle::runtime {
extern const DepthwiseF32 kDepthwiseF32Neon;
const DepthwiseF32 kDepthwiseF32Neon = FETTLE_DEPTHWISE("depthwise_f32_neon", Isa::neon);
}  // namespace fettle::runtime
