// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_i8.h"

namespace fettle::runtime {

extern const ResizeI8 kResizeI8Avx2, kResizeI8Avx512, kResizeI8Neon, kResizeI8Portable;

const ResizeI8& resize_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kResizeI8Avx512;
  if (implies(isa, Isa::avx2)) return kResizeI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kResizeI8Neon;
#endif
  (void)isa;
  return kResizeI8Portable;
}

}  // namespace fettle::runtime
