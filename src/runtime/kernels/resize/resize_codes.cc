// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/resize/resize_codes.h"

namespace fettle::runtime {

extern const ResizeCodesOfBoth kResizeCodesAvx2, kResizeCodesAvx512, kResizeCodesNeon,
    kResizeCodesPortable;

const ResizeCodesOfBoth& resize_codes(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kResizeCodesAvx512;
  if (implies(isa, Isa::avx2)) return kResizeCodesAvx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kResizeCodesNeon;
#endif
  (void)isa;
  return kResizeCodesPortable;
}

}  // namespace fettle::runtime
