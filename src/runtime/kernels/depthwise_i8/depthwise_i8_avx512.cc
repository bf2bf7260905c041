// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8Avx512;
const DepthwiseI8 kDepthwiseI8Avx512 = FETTLE_DEPTHWISE("depthwise_i8_avx512", Isa::avx512, 1);
}  // namespace fettle::runtime
