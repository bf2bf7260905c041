// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i8/lookup_i8.h"

namespace fettle::runtime {

extern const LookupI8Fn kLookupI8Avx2, kLookupI8Avx512, kLookupI8Avx512Vbmi, kLookupI8Neon,
    kLookupI8Portable;

LookupI8Fn lookup_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512vbmi)) return kLookupI8Avx512Vbmi;
  if (implies(isa, Isa::avx512)) return kLookupI8Avx512;
  if (implies(isa, Isa::avx2)) return kLookupI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kLookupI8Neon;
#endif
  (void)isa;
  return kLookupI8Portable;
}

}  // namespace fettle::runtime
