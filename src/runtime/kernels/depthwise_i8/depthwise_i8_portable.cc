// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8Portable;
const DepthwiseI8 kDepthwiseI8Portable =
    FETTLE_DEPTHWISE_I8("depthwise_i8_portable", Isa::portable);
}  // namespace fettle::runtime
