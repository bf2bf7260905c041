// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_i8_body.h"

namespace fettle::runtime {
extern const DynamicI8 kDynamicI8Neon;
const DynamicI8 kDynamicI8Neon = FETTLE_DYNAMIC_I8("neon", Isa::neon);
}  // namespace fettle::runtime
