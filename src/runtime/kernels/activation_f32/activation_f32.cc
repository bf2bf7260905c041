// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/activation_f32/activation_f32.h"

namespace fettle::runtime {

extern const ActivationF32 kActivationF32Avx2, kActivationF32Avx512, kActivationF32Neon,
    kActivationF32Portable;

const ActivationF32& activation_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kActivationF32Avx512;
  if (implies(isa, Isa::avx2)) return kActivationF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kActivationF32Neon;
#endif
  (void)isa;
  return kActivationF32Portable;
}

}  // namespace fettle::runtime
