// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_f32_body.h"

namespace fettle::runtime {
extern const ResizeF32 kResizeF32Avx2;
const ResizeF32 kResizeF32Avx2 = {"resize_f32_avx2", Isa::avx2, resize_columns, resize_row};
}  // namespace fettle::runtime
