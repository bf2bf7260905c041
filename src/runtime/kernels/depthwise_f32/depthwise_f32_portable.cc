// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_f32/depthwise_f32_body.h"

namespace fettle::runtime {
extern const DepthwiseF32 kDepthwiseF32Portable;
const DepthwiseF32 kDepthwiseF32Portable =
    FETTLE_DEPTHWISE("depthwise_f32_portable", Isa::portable);
}  // namespace fettle::runtime
