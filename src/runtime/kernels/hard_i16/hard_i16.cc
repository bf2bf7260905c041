// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/hard_i16/hard_i16.h"

namespace fettle::runtime {

extern const HardI16Fn kHardI16Avx2, kHardI16Avx512, kHardI16Neon, kHardI16Portable;

HardI16Fn hard_i16(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kHardI16Avx512;
  if (implies(isa, Isa::avx2)) return kHardI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kHardI16Neon;
#endif
  (void)isa;
  return kHardI16Portable;
}

}  // namespace fettle::runtime
