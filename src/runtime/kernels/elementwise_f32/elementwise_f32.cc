// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/elementwise_f32/elementwise_f32.h"

namespace fettle::runtime {

extern const ElementwiseF32 kElementwiseF32Avx2, kElementwiseF32Avx512, kElementwiseF32Neon,
    kElementwiseF32Portable;

const ElementwiseF32& elementwise_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kElementwiseF32Avx512;
  if (implies(isa, Isa::avx2)) return kElementwiseF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kElementwiseF32Neon;
#endif
  (void)isa;
  return kElementwiseF32Portable;
}

}  // namespace fettle::runtime
