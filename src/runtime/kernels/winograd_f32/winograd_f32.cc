// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/winograd_f32/winograd_f32.h"

namespace fettle::runtime {

extern const WinogradF32 kWinogradF32Avx2, kWinogradF32Avx512, kWinogradF32Neon,
    kWinogradF32Portable;

const WinogradF32& winograd_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kWinogradF32Avx512;
  if (implies(isa, Isa::avx2)) return kWinogradF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kWinogradF32Neon;
#endif
  (void)isa;
  return kWinogradF32Portable;
}

}  // namespace fettle::runtime
