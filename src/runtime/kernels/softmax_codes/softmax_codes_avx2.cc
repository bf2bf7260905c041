// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_codes/softmax_codes_body.h"

namespace fettle::runtime {
extern const SoftmaxCodes kSoftmaxAvx2;
const SoftmaxCodes kSoftmaxAvx2 = {softmax_rows<int8_t>, softmax_rows<int16_t>};
}  // namespace fettle::runtime
