// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes_body.h"

namespace fettle::runtime {
extern const ResizeCodes<int8_t> kResizeI8Avx2;
extern const ResizeCodes<int16_t> kResizeI16Avx2;
const ResizeCodes<int8_t> kResizeI8Avx2 = FETTLE_RESIZE_CODES("resize_i8_avx2", Isa::avx2, int8_t);
const ResizeCodes<int16_t> kResizeI16Avx2 =
    FETTLE_RESIZE_CODES("resize_i16_avx2", Isa::avx2, int16_t);
}  // namespace fettle::runtime
