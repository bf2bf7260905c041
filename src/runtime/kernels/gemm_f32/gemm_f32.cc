// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_f32/gemm_f32.h"

namespace fettle::runtime {

extern const GemmF32 kGemmF32Avx2, kGemmF32Avx512, kGemmF32Neon, kGemmF32Portable;

const GemmF32& gemm_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kGemmF32Avx512;
  if (implies(isa, Isa::avx2)) return kGemmF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kGemmF32Neon;
#endif
  (void)isa;
  return kGemmF32Portable;
}

}  // namespace fettle::runtime
