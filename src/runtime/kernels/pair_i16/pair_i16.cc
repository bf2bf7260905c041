// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pair_i16/pair_i16.h"

namespace fettle::runtime {

extern const PairI16Kernels kPairI16Avx2, kPairI16Avx512, kPairI16Neon, kPairI16Portable;

const PairI16Kernels& pair_i16(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kPairI16Avx512;
  if (implies(isa, Isa::avx2)) return kPairI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kPairI16Neon;
#endif
  (void)isa;
  return kPairI16Portable;
}

}  // namespace fettle::runtime
