// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/elementwise_f32/elementwise_f32_body.h"

namespace fettle::runtime {
extern const ElementwiseF32 kElementwiseF32Avx512;
const ElementwiseF32 kElementwiseF32Avx512 =
    FETTLE_ELEMENTWISE("elementwise_f32_avx512", Isa::avx512);
}  // namespace fettle::runtime
