// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i16/pair_i16_body.h"

namespace fettle::runtime {
extern const PairI16Kernels kPairI16Neon;
const PairI16Kernels kPairI16Neon = FETTLE_PAIR_I16;
}  // namespace fettle::runtime
