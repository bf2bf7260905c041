// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8.h"

namespace fettle::runtime {

extern const DepthwiseI8 kDepthwiseI16Avx2, kDepthwiseI16Avx512, kDepthwiseI16Avx512Vnni,
    kDepthwiseI16Neon, kDepthwiseI16Portable;
extern const DepthwiseI8 kDepthwiseI16WideAvx2, kDepthwiseI16WideAvx512,
    kDepthwiseI16WideAvx512Vnni, kDepthwiseI16WideNeon, kDepthwiseI16WidePortable;

const DepthwiseI8& depthwise_i16(Isa isa, bool wide_sums) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512vnni)) {
    return wide_sums ? kDepthwiseI16WideAvx512Vnni : kDepthwiseI16Avx512Vnni;
  }
  if (implies(isa, Isa::avx512)) return wide_sums ? kDepthwiseI16WideAvx512 : kDepthwiseI16Avx512;
  if (implies(isa, Isa::avx2)) return wide_sums ? kDepthwiseI16WideAvx2 : kDepthwiseI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return wide_sums ? kDepthwiseI16WideNeon : kDepthwiseI16Neon;
#endif
  (void)isa;
  return wide_sums ? kDepthwiseI16WidePortable : kDepthwiseI16Portable;
}

}  // namespace fettle::runtime
