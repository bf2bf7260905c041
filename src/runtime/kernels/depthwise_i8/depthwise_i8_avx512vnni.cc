// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_few_body.h"

namespace fettle::runtime {
extern const DepthwiseI8 kDepthwiseI8Avx512Vnni;

namespace {
constexpr DepthwiseI8 with_few_channels(DepthwiseI8 kernels) {
  kernels.few[0] = depthwise_few<1>;
  kernels.few[1] = depthwise_few<2>;
  return kernels;
}
}  // namespace

const DepthwiseI8 kDepthwiseI8Avx512Vnni =
    with_few_channels(FETTLE_DEPTHWISE("depthwise_i8_avx512vnni", Isa::avx512vnni, 1));
}  // namespace fettle::runtime
