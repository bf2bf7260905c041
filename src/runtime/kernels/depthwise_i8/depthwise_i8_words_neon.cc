// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8NeonWords;
const DepthwiseI8 kDepthwiseI8NeonWords = FETTLE_DEPTHWISE("depthwise_i8_words_neon", Isa::neon, 1);
}  // namespace fettle::runtime
