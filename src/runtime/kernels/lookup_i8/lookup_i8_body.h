// SPDX-License-Identifier: Apache-2.0
//
// The body of lookup_i8, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/lookup_i8/lookup_i8.h"
#include "runtime/kernels/lookup_i8/vector_table_i8.h"

namespace fettle::runtime {
namespace {

void look_up_all(const int8_t* x, const int8_t* table, int8_t* y, int64_t n) {
  const VectorTable look_up(table);
  int64_t i = 0;
  for (; i + kTableLanes <= n; i += kTableLanes) {
    TableCodes codes;
    std::memcpy(&codes, x + i, sizeof codes);
    codes = look_up(codes);
    std::memcpy(y + i, &codes, sizeof codes);
  }
#if defined(__AVX512F__)
  if (i == n) return;
  const __mmask64 mask = (uint64_t{1} << (n - i)) - 1;
  _mm512_mask_storeu_epi8(y + i, mask, look_up(_mm512_maskz_loadu_epi8(mask, x + i)));
#else
  for (; i < n; ++i) y[i] = table[x[i] + 128];
#endif
}

}  // namespace
}  // namespace fettle::runtime
