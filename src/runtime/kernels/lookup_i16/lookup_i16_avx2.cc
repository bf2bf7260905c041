// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i16/lookup_curves_i16_body.h"
#include "runtime/kernels/lookup_i16/lookup_i16_body.h"

namespace fettle::runtime {
extern const LookupI16 kLookupI16Avx2;
const LookupI16 kLookupI16Avx2 = {look_up_lines, look_up_curves};
}  // namespace fettle::runtime
