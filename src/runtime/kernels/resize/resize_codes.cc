// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes.h"

namespace fettle::runtime {

extern const ResizeCodes<int8_t> kResizeI8Avx2, kResizeI8Avx512, kResizeI8Neon, kResizeI8Portable;
extern const ResizeCodes<int16_t> kResizeI16Avx2, kResizeI16Avx512, kResizeI16Neon,
    kResizeI16Portable;

template <>
const ResizeCodes<int8_t>& resize_codes(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kResizeI8Avx512;
  if (implies(isa, Isa::avx2)) return kResizeI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kResizeI8Neon;
#endif
  (void)isa;
  return kResizeI8Portable;
}

template <>
const ResizeCodes<int16_t>& resize_codes(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kResizeI16Avx512;
  if (implies(isa, Isa::avx2)) return kResizeI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kResizeI16Neon;
#endif
  (void)isa;
  return kResizeI16Portable;
}

}  // namespace fettle::runtime
