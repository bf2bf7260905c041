// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i16/depthwise_i16_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI16Avx2, kDepthwiseI16WideAvx2;
const DepthwiseI8 kDepthwiseI16Avx2 = FETTLE_DEPTHWISE("depthwise_i16_avx2", Isa::avx2, 1);
const DepthwiseI8 kDepthwiseI16WideAvx2 = FETTLE_DEPTHWISE("depthwise_i16_wide_avx2", Isa::avx2, 2);
}  // namespace fettle::runtime
