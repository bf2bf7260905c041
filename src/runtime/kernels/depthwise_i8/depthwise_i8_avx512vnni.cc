// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8Avx512Vnni;
const DepthwiseI8 kDepthwiseI8Avx512Vnni =
    FETTLE_DEPTHWISE("depthwise_i8_avx512vnni", Isa::avx512vnni, 1);
}  // namespace fettle::runtime
