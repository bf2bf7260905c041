// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_f32_body.h"

namespace fettle::runtime {
extern const PoolF32 kPoolF32Avx512;
const PoolF32 kPoolF32Avx512 = FETTLE_POOL("pool_f32_avx512", Isa::avx512);
}  // namespace fettle::runtime
