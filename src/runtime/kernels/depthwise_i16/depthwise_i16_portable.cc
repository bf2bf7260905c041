// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i16/depthwise_i16_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI16Portable, kDepthwiseI16WidePortable;
const DepthwiseI8 kDepthwiseI16Portable =
    FETTLE_DEPTHWISE("depthwise_i16_portable", Isa::portable, 1);
const DepthwiseI8 kDepthwiseI16WidePortable =
    FETTLE_DEPTHWISE("depthwise_i16_wide_portable", Isa::portable, 2);
}  // namespace fettle::runtime
