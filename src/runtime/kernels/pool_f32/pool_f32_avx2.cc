// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_f32_body.h"

namespace fettle::runtime {
extern const PoolF32 kPoolF32Avx2;
const PoolF32 kPoolF32Avx2 = FETTLE_POOL("pool_f32_avx2", Isa::avx2);
}  // namespace fettle::runtime
