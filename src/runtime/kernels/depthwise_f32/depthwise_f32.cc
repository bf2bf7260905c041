// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_f32/depthwise_f32.h"

namespace fettle::runtime {

extern const DepthwiseF32 kDepthwiseF32Avx2, kDepthwiseF32Avx512, kDepthwiseF32Neon,
    kDepthwiseF32Portable;

const DepthwiseF32& depthwise_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kDepthwiseF32Avx512;
  if (implies(isa, Isa::avx2)) return kDepthwiseF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kDepthwiseF32Neon;
#endif
  (void)isa;
  return kDepthwiseF32Portable;
}

}  // namespace fettle::runtime
