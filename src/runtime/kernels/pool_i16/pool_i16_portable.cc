// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i16/pool_i16_body.h"

namespace fettle::runtime {
extern const PoolI16 kPoolI16Portable;
const PoolI16 kPoolI16Portable = FETTLE_POOL_I16;
}  // namespace fettle::runtime
