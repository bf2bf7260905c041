// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes_body.h"

namespace fettle::runtime {
extern const ResizeCodes<int8_t> kResizeI8Neon;
extern const ResizeCodes<int16_t> kResizeI16Neon;
const ResizeCodes<int8_t> kResizeI8Neon = FETTLE_RESIZE_CODES("resize_i8_neon", Isa::neon, int8_t);
const ResizeCodes<int16_t> kResizeI16Neon =
    FETTLE_RESIZE_CODES("resize_i16_neon", Isa::neon, int16_t);
}  // namespace fettle::runtime
