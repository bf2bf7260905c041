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

template <>
void SoftmaxExponentials<int8_t>::fill(float scale) {
  fill_code_exponentials(scale, 1, kNarrowExponentialUnits, tables[0]);
  std::reverse(std::begin(tables[0]), std::end(tables[0]));
}

template <>
void SoftmaxExponentials<int16_t>::fill(float scale) {
  fill_code_exponentials(scale, 1, kWideExponentialUnits, tables[0]);
  fill_code_exponentials(scale, kExponentialCodes, kWideExponentialUnits, tables[1]);
}

}  // namespace fettle::runtime
