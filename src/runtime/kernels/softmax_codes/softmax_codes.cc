// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/softmax_codes/softmax_codes.h"

#include <algorithm>

namespace fettle::runtime {

extern const SoftmaxCodesFn<int8_t> kSoftmaxI8Avx2, kSoftmaxI8Avx512, kSoftmaxI8Neon,
    kSoftmaxI8Portable;
extern const SoftmaxCodesFn<int16_t> kSoftmaxI16Avx2, kSoftmaxI16Avx512, kSoftmaxI16Neon,
    kSoftmaxI16Portable;

template <>
SoftmaxCodesFn<int8_t> softmax_codes(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kSoftmaxI8Avx512;
  if (implies(isa, Isa::avx2)) return kSoftmaxI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kSoftmaxI8Neon;
#endif
  (void)isa;
  return kSoftmaxI8Portable;
}

template <>
SoftmaxCodesFn<int16_t> softmax_codes(Isa isa) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512)) return kSoftmaxI16Avx512;
  if (implies(isa, Isa::avx2)) return kSoftmaxI16Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neon)) return kSoftmaxI16Neon;
#endif
  (void)isa;
  return kSoftmaxI16Portable;
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
