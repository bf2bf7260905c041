// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantize/quantize_body.h"

namespace fettle::runtime {
extern const QuantizeKernels kQuantizeAvx2;
const QuantizeKernels kQuantizeAvx2 = FETTLE_QUANTIZE_KERNELS;
}  // namespace fettle::runtime
