// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i16/pair_i16_body.h"

namespace fettle::runtime {
extern const PairI16Kernels kPairI16Portable;
const PairI16Kernels kPairI16Portable = FETTLE_PAIR_I16;
}  // namespace fettle::runtime
