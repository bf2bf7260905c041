// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i16/depthwise_i16_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI16Avx512Vnni, kDepthwiseI16WideAvx512Vnni;
const DepthwiseI8 kDepthwiseI16Avx512Vnni =
    FETTLE_DEPTHWISE("depthwise_i16_avx512vnni", Isa::avx512vnni, 1);
const DepthwiseI8 kDepthwiseI16WideAvx512Vnni =
    FETTLE_DEPTHWISE("depthwise_i16_wide_avx512vnni", Isa::avx512vnni, 2);
}  // namespace fettle::runtime
