// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_i8_body.h"

namespace fettle::runtime {
extern const ResizeI8 kResizeI8Avx512;
const ResizeI8 kResizeI8Avx512 = {"resize_i8_avx512", Isa::avx512, resize_columns, resize_sums,
                                  resize_codes};
}  // namespace fettle::runtime
