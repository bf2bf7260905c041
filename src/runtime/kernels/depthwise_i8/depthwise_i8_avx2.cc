// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8Avx2;
const DepthwiseI8 kDepthwiseI8Avx2 = FETTLE_DEPTHWISE("depthwise_i8_avx2", Isa::avx2, 1);
}  // namespace fettle::runtime
