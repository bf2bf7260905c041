// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_f32/pool_f32.h"

namespace fettle::runtime {

extern const PoolF32 kPoolF32Avx2, kPoolF32Avx512, kPoolF32Neon, kPoolF32Portable;

const PoolF32& pool_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kPoolF32Avx512;
  if (implies(isa, Isa::avx2)) return kPoolF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kPoolF32Neon;
#endif
  (void)isa;
  return kPoolF32Portable;
}

}  // namespace fettle::runtime
