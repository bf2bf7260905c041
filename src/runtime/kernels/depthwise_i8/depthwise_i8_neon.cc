// SPDX-License-Identifier: Apache-2.0
#define FETTLE_DEPTHWISE_BYTES 1
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8Neon;
const DepthwiseI8 kDepthwiseI8Neon = FETTLE_DEPTHWISE("depthwise_i8_neon", Isa::neon, 1);
}  // namespace fettle::runtime
