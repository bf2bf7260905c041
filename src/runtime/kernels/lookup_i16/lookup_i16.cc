// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/lookup_i16/lookup_i16.h"

namespace fettle::runtime {

extern const LookupI16 kLookupI16Avx2, kLookupI16Avx512, kLookupI16Neon, kLookupI16Portable;

const LookupI16& lookup_i16(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kLookupI16Avx512;
  if (implies(isa, Isa::avx2)) return kLookupI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kLookupI16Neon;
#endif
  (void)isa;
  return kLookupI16Portable;
}

}  // namespace fettle::runtime
