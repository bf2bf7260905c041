// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_f32_body.h"

namespace fettle::runtime {
extern const ResizeF32 kResizeF32Portable;
const ResizeF32 kResizeF32Portable = {"resize_f32_portable", Isa::portable, resize_columns,
                                      resize_row};
}  // namespace fettle::runtime
