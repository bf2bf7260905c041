// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/dynamic_i8/dynamic_i8.h"

namespace fettle::runtime {

extern const DynamicI8 kDynamicI8Avx2, kDynamicI8Avx512, kDynamicI8Neon, kDynamicI8Portable;

const DynamicI8& dynamic_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kDynamicI8Avx512;
  if (implies(isa, Isa::avx2)) return kDynamicI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kDynamicI8Neon;
#endif
  (void)isa;
  return kDynamicI8Portable;
}

}  // namespace fettle::runtime
