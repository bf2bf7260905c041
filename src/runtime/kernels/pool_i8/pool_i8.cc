// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i8/pool_i8.h"

namespace fettle::runtime {

extern const PoolI8 kPoolI8Avx2, kPoolI8Avx512, kPoolI8Neon, kPoolI8Portable;

const PoolI8& pool_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kPoolI8Avx512;
  if (implies(isa, Isa::avx2)) return kPoolI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kPoolI8Neon;
#endif
  (void)isa;
  return kPoolI8Portable;
}

}  // namespace fettle::runtime
