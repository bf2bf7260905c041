// SPDX-License-Identifier: Apache-2.0
#define FETTLE_DEPTHWISE_BYTES 1
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8NeonDot;
const DepthwiseI8 kDepthwiseI8NeonDot = FETTLE_DEPTHWISE("depthwise_i8_neondot", Isa::neondot, 1);
}  // namespace fettle::runtime
