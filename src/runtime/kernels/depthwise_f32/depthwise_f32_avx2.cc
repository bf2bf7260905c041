// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_f32/depthwise_f32_body.h"

namespace fettle::runtime {
extern const DepthwiseF32 kDepthwiseF32Avx2;
const DepthwiseF32 kDepthwiseF32Avx2 = FETTLE_DEPTHWISE("depthwise_f32_avx2", Isa::avx2);
}  // namespace fettle::runtime
