// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_i8/softmax_i8.h"

namespace fettle::runtime {

extern const SoftmaxI8Fn kSoftmaxI8Avx2, kSoftmaxI8Avx512, kSoftmaxI8Neon, kSoftmaxI8Portable;

SoftmaxI8Fn softmax_i8(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kSoftmaxI8Avx512;
  if (implies(isa, Isa::avx2)) return kSoftmaxI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kSoftmaxI8Neon;
#endif
  (void)isa;
  return kSoftmaxI8Portable;
}

}  // namespace fettle::runtime
