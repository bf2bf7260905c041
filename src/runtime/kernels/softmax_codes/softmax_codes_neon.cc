// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_codes/softmax_codes_body.h"

namespace fettle::runtime {
extern const SoftmaxCodesFn<int8_t> kSoftmaxI8Neon;
extern const SoftmaxCodesFn<int16_t> kSoftmaxI16Neon;
const SoftmaxCodesFn<int8_t> kSoftmaxI8Neon = softmax_rows<int8_t>;
const SoftmaxCodesFn<int16_t> kSoftmaxI16Neon = softmax_rows<int16_t>;
}  // namespace fettle::runtime
