// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_i8_body.h"

namespace fettle::runtime {
extern const DynamicI8 kDynamicI8Avx2;
const DynamicI8 kDynamicI8Avx2 = FETTLE_DYNAMIC_I8("avx2", Isa::avx2);
}  // namespace fettle::runtime
