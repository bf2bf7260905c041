// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/sum_i8/sum_i8_body.h"

namespace fettle::runtime {
extern const SumI8Fn kSumI8Avx2;
const SumI8Fn kSumI8Avx2 = sum_codes;
}  // namespace fettle::runtime
