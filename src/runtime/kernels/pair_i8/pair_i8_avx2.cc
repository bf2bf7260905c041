// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i8/pair_i8_body.h"

namespace fettle::runtime {
extern const PairI8Kernels kPairI8Avx2;
const PairI8Kernels kPairI8Avx2 = FETTLE_PAIR_I8;
}  // namespace fettle::runtime
