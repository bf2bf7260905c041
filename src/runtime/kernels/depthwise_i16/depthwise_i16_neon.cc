// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i16/depthwise_i16_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI16Neon, kDepthwiseI16WideNeon;
const DepthwiseI8 kDepthwiseI16Neon = FETTLE_DEPTHWISE("depthwise_i16_neon", Isa::neon, 1);
const DepthwiseI8 kDepthwiseI16WideNeon = FETTLE_DEPTHWISE("depthwise_i16_wide_neon", Isa::neon, 2);
}  // namespace fettle::runtime
