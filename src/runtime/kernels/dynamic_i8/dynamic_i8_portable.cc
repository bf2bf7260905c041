// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_i8_body.h"

namespace fettle::runtime {
extern const DynamicI8 kDynamicI8Portable;
const DynamicI8 kDynamicI8Portable = FETTLE_DYNAMIC_I8("portable", Isa::portable);
}  // namespace fettle::runtime
