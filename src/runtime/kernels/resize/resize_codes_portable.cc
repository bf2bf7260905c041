// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes_body.h"

namespace fettle::runtime {
extern const ResizeCodes<int8_t> kResizeI8Portable;
extern const ResizeCodes<int16_t> kResizeI16Portable;
const ResizeCodes<int8_t> kResizeI8Portable =
    FETTLE_RESIZE_CODES("resize_i8_portable", Isa::portable, int8_t);
const ResizeCodes<int16_t> kResizeI16Portable =
    FETTLE_RESIZE_CODES("resize_i16_portable", Isa::portable, int16_t);
}  // namespace fettle::runtime
