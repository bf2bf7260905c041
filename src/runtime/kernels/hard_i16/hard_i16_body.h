// SPDX-License-Identifier: Apache-2.0
//
// The body of hard_i16, for the files of the instruction sets alone.
#pragma once

#include "runtime/kernels/hard_i16/hard_i16.h"
#include "runtime/kernels/vector_i16.h"

namespace fettle::runtime {
namespace {

constexpr int kVectors = 2;  // that are packed together
constexpr int64_t kStep = kVectors * kLanes;

template <bool kSwish>
FETTLE_INLINE void gate_all(const HardGate& given, const int16_t* x, int16_t* y, int64_t count) {
  const V slope = splat<V>(given.slope), offset = splat<V>(given.offset);
  const V multiplier = splat<V>(given.multiplier), zero = splat<V>(0), one = splat<V>(1);
  const NarrowI16 narrow(INT16_MIN, INT16_MAX);
  const auto gate_vectors = [&](const int16_t* from, int16_t* to) {
    V scaled[kVectors];
#pragma GCC unroll 2
    for (int q = 0; q < kVectors; ++q) {
      const V code = load_floats(from + q * kLanes);
      const V gate = min_of(max_of(rounded_product(code, slope) + offset, zero), one);
      scaled[q] = (kSwish ? code * gate : gate) * multiplier;
    }
    narrow.store(to, scaled);
  };
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) gate_vectors(x + i, y + i);
  if (i == count) return;
  int16_t from[kStep] = {}, to[kStep];
  const auto rest = static_cast<size_t>(count - i) * sizeof(int16_t);
  std::memcpy(from, x + i, rest);
  gate_vectors(from, to);
  std::memcpy(y + i, to, rest);
}

void gate_codes(const HardGate& gate, const int16_t* x, int16_t* y, int64_t count) {
  if (gate.swish) {
    gate_all<true>(gate, x, y, count);
  } else {
    gate_all<false>(gate, x, y, count);
  }
}

}  // namespace
}  // namespace fettle::runtime
