// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm_i8/gemm_i8.h"

namespace fettle::runtime {

extern const GemmI8 kGemmI16x8Avx2, kGemmI16x8Avx512, kGemmI16x8Avx512Vnni, kGemmI16x8Neon,
    kGemmI16x8Portable;
extern const GemmI8 kGemmI16x16Avx2, kGemmI16x16Avx512, kGemmI16x16Avx512Vnni, kGemmI16x16Neon,
    kGemmI16x16Portable;

const GemmI8& gemm_i16(Isa isa, bool wide_weights) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512vnni)) {
    return wide_weights ? kGemmI16x16Avx512Vnni : kGemmI16x8Avx512Vnni;
  }
  if (implies(isa, Isa::avx512)) return wide_weights ? kGemmI16x16Avx512 : kGemmI16x8Avx512;
  if (implies(isa, Isa::avx2)) return wide_weights ? kGemmI16x16Avx2 : kGemmI16x8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return wide_weights ? kGemmI16x16Neon : kGemmI16x8Neon;
#endif
  (void)isa;
  return wide_weights ? kGemmI16x16Portable : kGemmI16x8Portable;
}

}  // namespace fettle::runtime
