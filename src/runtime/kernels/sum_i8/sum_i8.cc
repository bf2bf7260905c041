// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/sum_i8/sum_i8.h"

namespace fettle::runtime {

extern const SumI8Fn kSumI8Avx2, kSumI8Avx512, kSumI8Neon, kSumI8Portable;

SumI8Fn sum_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kSumI8Avx512;
  if (implies(isa, Isa::avx2)) return kSumI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kSumI8Neon;
#endif
  (void)isa;
  return kSumI8Portable;
}

}  // namespace fettle::runtime
