// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_f32_body.h"

namespace fettle::runtime {
extern const ResizeF32 kResizeF32Neon;
const ResizeF32 kResizeF32Neon = {"resize_f32_neon", Isa::neon, resize_columns, resize_row};
}  // namespace fettle::runtime
