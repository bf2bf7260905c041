// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_i8_body.h"

namespace fettle::runtime {
extern const ResizeI8 kResizeI8Neon;
const ResizeI8 kResizeI8Neon = {"resize_i8_neon", Isa::neon, resize_columns, resize_sums,
                                resize_codes};
}  // namespace fettle::runtime
