// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_f32_body.h"

namespace fettle::runtime {
extern const PoolF32 kPoolF32Portable;
const PoolF32 kPoolF32Portable = FETTLE_POOL("pool_f32_portable", Isa::portable);
}  // namespace fettle::runtime
