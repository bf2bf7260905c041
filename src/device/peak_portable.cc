// SPDX-License-Identifier: Apache-2.0
//
// Plain C++ that compilers turn into whatever their baseline has.
#include <cstring>

#include "device/peak_loops.h"

namespace fettle::device {

namespace {

// 64 independent accumulators; `opaque` makes the factors unknown to the compiler.
template <class Factor, class Sum>
void multiply_accumulate(int64_t rounds, void* sink, Factor factor) {
  constexpr int kChains = 64;
  Factor a[kChains];
  Sum sum[kChains] = {};
  for (int i = 0; i < kChains; ++i) a[i] = factor;
  asm volatile("" : : "r"(a) : "memory");
  for (int64_t r = 0; r < rounds; ++r) {
    Factor b = factor;
    asm volatile("" : "+m"(b));
    for (int i = 0; i < kChains; ++i) {
      sum[i] += static_cast<Sum>(static_cast<Sum>(a[i]) * static_cast<Sum>(b));
    }
  }
  Sum total = 0;
  for (const Sum s : sum) total += s;
  std::memcpy(sink, &total, sizeof total);
}

}  // namespace

void peak_f32_portable(int64_t rounds, void* sink) {
  multiply_accumulate<float, float>(rounds, sink, 0.5f);
}
// Unsigned: sums may wrap in long runs.
void peak_i8_portable(int64_t rounds, void* sink) {
  multiply_accumulate<uint8_t, uint32_t>(rounds, sink, 3);
}
void peak_i16_portable(int64_t rounds, void* sink) {
  multiply_accumulate<uint16_t, uint32_t>(rounds, sink, 3);
}

}  // namespace fettle::device
