// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i8/lookup_i8_body.h"

namespace fettle::runtime {
extern const LookupI8Fn kLookupI8Avx512Vbmi;
const LookupI8Fn kLookupI8Avx512Vbmi = look_up_all;
}  // namespace fettle::runtime
