// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/elementwise_f32/elementwise_f32_body.h"

namespace fettle::runtime {
extern const ElementwiseF32 kElementwiseF32Portable;
const ElementwiseF32 kElementwiseF32Portable =
    FETTLE_ELEMENTWISE("elementwise_f32_portable", Isa::portable);
}  // namespace fettle::runtime
