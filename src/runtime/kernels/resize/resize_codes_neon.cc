// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes_body.h"

namespace fettle::runtime {
extern const ResizeCodesOfBoth kResizeCodesNeon;
const ResizeCodesOfBoth kResizeCodesNeon = kBothWidths;
}  // namespace fettle::runtime
