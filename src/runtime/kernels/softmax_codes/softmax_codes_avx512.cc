// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_codes/softmax_codes_body.h"

namespace fettle::runtime {
extern const SoftmaxCodesFn<int8_t> kSoftmaxI8Avx512;
extern const SoftmaxCodesFn<int16_t> kSoftmaxI16Avx512;
const SoftmaxCodesFn<int8_t> kSoftmaxI8Avx512 = softmax_rows<int8_t>;
const SoftmaxCodesFn<int16_t> kSoftmaxI16Avx512 = softmax_rows<int16_t>;
}  // namespace fettle::runtime
