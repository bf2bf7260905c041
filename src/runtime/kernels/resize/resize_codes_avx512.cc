// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes_body.h"

namespace fettle::runtime {
extern const ResizeCodes<int8_t> kResizeI8Avx512;
extern const ResizeCodes<int16_t> kResizeI16Avx512;
const ResizeCodes<int8_t> kResizeI8Avx512 =
    FETTLE_RESIZE_CODES("resize_i8_avx512", Isa::avx512, int8_t);
const ResizeCodes<int16_t> kResizeI16Avx512 =
    FETTLE_RESIZE_CODES("resize_i16_avx512", Isa::avx512, int16_t);
}  // namespace fettle::runtime
