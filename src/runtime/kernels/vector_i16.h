// SPDX-License-Identifier: Apache-2.0
//
// What element-by-element micro-kernels of 16-bit codes share: codes as floats and back.
//
// Only files named after an instruction set may include this.
#pragma once

#include "runtime/kernels/narrow_i16.h"

namespace fettle::runtime {
namespace {

FETTLE_INLINE V load_floats(const int16_t* p) { return floats_of(load_words(p)); }

// A product that no addition may be fused with.
FETTLE_INLINE V rounded_product(V x, V y) {
  V product = x * y;
#if defined(__AVX2__) || defined(__aarch64__)
  hold(product);
#else
  asm("" : "+m"(product));
#endif
  return product;
}

}  // namespace
}  // namespace fettle::runtime
