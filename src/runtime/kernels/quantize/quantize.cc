// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/quantize/quantize.h"

namespace fettle::runtime {

extern const QuantizeKernels kQuantizeAvx2, kQuantizeAvx512, kQuantizeNeon, kQuantizePortable;

const QuantizeKernels& quantize_kernels(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kQuantizeAvx512;
  if (implies(isa, Isa::avx2)) return kQuantizeAvx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kQuantizeNeon;
#endif
  (void)isa;
  return kQuantizePortable;
}

}  // namespace fettle::runtime
