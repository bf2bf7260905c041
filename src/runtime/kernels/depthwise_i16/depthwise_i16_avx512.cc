// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i16/depthwise_i16_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI16Avx512, kDepthwiseI16WideAvx512;
const DepthwiseI8 kDepthwiseI16Avx512 = FETTLE_DEPTHWISE("depthwise_i16_avx512", Isa::avx512, 1);
const DepthwiseI8 kDepthwiseI16WideAvx512 =
    FETTLE_DEPTHWISE("depthwise_i16_wide_avx512", Isa::avx512, 2);
}  // namespace fettle::runtime
