// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_codes/softmax_codes.h"

#include <algorithm>

namespace fettle::runtime {

extern const SoftmaxCodes kSoftmaxAvx2, kSoftmaxAvx512, kSoftmaxNeon, kSoftmaxPortable;

const SoftmaxCodes& softmax_codes(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kSoftmaxAvx512;
  if (implies(isa, Isa::avx2)) return kSoftmaxAvx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kSoftmaxNeon;
#endif
  (void)isa;
  return kSoftmaxPortable;
}

void SoftmaxExponentials<int8_t>::fill(float scale) {
  fill_code_exponentials(scale, 1, kNarrowExponentialUnits, by_code);
  std::reverse(std::begin(by_code), std::end(by_code));
}

void SoftmaxExponentials<int16_t>::fill(float scale) {
  fill_code_exponentials(scale, 1, kWideExponentialUnits, fine_coarse[0]);
  fill_code_exponentials(scale, kExponentialCodes, kWideExponentialUnits, fine_coarse[1]);
}

}  // namespace fettle::runtime
