// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/pool_i16/pool_i16.h"

namespace fettle::runtime {

extern const PoolI16 kPoolI16Avx2, kPoolI16Avx512, kPoolI16Neon, kPoolI16Portable;

const PoolI16& pool_i16(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kPoolI16Avx512;
  if (implies(isa, Isa::avx2)) return kPoolI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kPoolI16Neon;
#endif
  (void)isa;
  return kPoolI16Portable;
}

}  // namespace fettle::runtime
