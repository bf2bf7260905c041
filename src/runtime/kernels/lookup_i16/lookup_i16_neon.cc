// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i16/lookup_i16_body.h"

namespace fettle::runtime {
extern const LookupI16Fn kLookupI16Neon;
const LookupI16Fn kLookupI16Neon = look_up_codes;
}  // namespace fettle::runtime
