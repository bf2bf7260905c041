// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i8/pool_i8_body.h"

namespace fettle::runtime {
extern const PoolI8 kPoolI8Avx512;
const PoolI8 kPoolI8Avx512 = FETTLE_POOL_I8;
}  // namespace fettle::runtime
