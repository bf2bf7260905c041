// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_i8/softmax_i8_body.h"

namespace fettle::runtime {
extern const SoftmaxI8Fn kSoftmaxI8Neon;
const SoftmaxI8Fn kSoftmaxI8Neon = softmax_rows;
}  // namespace fettle::runtime
