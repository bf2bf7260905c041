// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_i8_body.h"

namespace fettle::runtime {
extern const DynamicI8 kDynamicI8Avx512;
const DynamicI8 kDynamicI8Avx512 = FETTLE_DYNAMIC_I8("avx512", Isa::avx512);
}  // namespace fettle::runtime
