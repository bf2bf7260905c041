// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_f32.h"

namespace fettle::runtime {

extern const ResizeF32 kResizeF32Avx2, kResizeF32Avx512, kResizeF32Neon, kResizeF32Portable;

const ResizeF32& resize_f32(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kResizeF32Avx512;
  if (implies(isa, Isa::avx2)) return kResizeF32Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kResizeF32Neon;
#endif
  (void)isa;
  return kResizeF32Portable;
}

}  // namespace fettle::runtime
