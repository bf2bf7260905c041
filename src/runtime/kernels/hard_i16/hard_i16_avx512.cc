// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/hard_i16/hard_i16_body.h"

namespace fettle::runtime {
extern const HardI16Fn kHardI16Avx512;
const HardI16Fn kHardI16Avx512 = gate_codes;
}  // namespace fettle::runtime
