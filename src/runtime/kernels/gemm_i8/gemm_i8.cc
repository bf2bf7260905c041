// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8.h"

namespace fettle::runtime {

extern const GemmI8 kGemmI8Avx2, kGemmI8NarrowAvx2, kGemmI8Avx512, kGemmI8NarrowAvx512,
    kGemmI8Avx512Vnni, kGemmI8Neon, kGemmI8NeonDot, kGemmI8NeonI8mm, kGemmI8Portable;

const GemmI8& gemm_i8(Isa isa, [[maybe_unused]] bool symmetric_weights) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512vnni)) return kGemmI8Avx512Vnni;
  if (implies(isa, Isa::avx512)) return symmetric_weights ? kGemmI8NarrowAvx512 : kGemmI8Avx512;
  if (implies(isa, Isa::avx2)) return symmetric_weights ? kGemmI8NarrowAvx2 : kGemmI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neoni8mm)) return kGemmI8NeonI8mm;
  if (implies(isa, Isa::neondot)) return kGemmI8NeonDot;
  if (implies(isa, Isa::neon)) return kGemmI8Neon;
#endif
  (void)isa;
  return kGemmI8Portable;
}

}  // namespace fettle::runtime
