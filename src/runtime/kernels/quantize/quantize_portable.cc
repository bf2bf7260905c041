// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantize/quantize_body.h"

namespace fettle::runtime {
extern const QuantizeKernels kQuantizePortable;
const QuantizeKernels kQuantizePortable = FETTLE_QUANTIZE_KERNELS;
}  // namespace fettle::runtime
