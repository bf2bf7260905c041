// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i8/pair_i8.h"

namespace fettle::runtime {

extern const PairI8Kernels kPairI8Avx2, kPairI8Avx512, kPairI8Neon, kPairI8Portable;

const PairI8Kernels& pair_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kPairI8Avx512;
  if (implies(isa, Isa::avx2)) return kPairI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kPairI8Neon;
#endif
  (void)isa;
  return kPairI8Portable;
}

}  // namespace fettle::runtime
