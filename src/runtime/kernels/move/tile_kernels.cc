// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/move/tile_kernels.h"

#include <bit>

namespace fettle::runtime {

// [log2 of the bytes of an element]
extern const TileKernels kTileKernelsAvx2[], kTileKernelsNeon[], kTileKernelsPortable[];

const TileKernels& tile_kernels(Isa isa, size_t element_bytes) {
  const int size = std::countr_zero(element_bytes);
#if defined(__x86_64__)
  if (implies(isa, Isa::avx2)) return kTileKernelsAvx2[size];
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kTileKernelsNeon[size];
#endif
  (void)isa;
  return kTileKernelsPortable[size];
}

}  // namespace fettle::runtime
