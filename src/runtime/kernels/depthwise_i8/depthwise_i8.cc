// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/depthwise_i8/depthwise_i8.h"

namespace fettle::runtime {

extern const DepthwiseI8 kDepthwiseI8Avx2, kDepthwiseI8Avx512, kDepthwiseI8Avx512Vnni,
    kDepthwiseI8Neon, kDepthwiseI8NeonDot, kDepthwiseI8NeonWords, kDepthwiseI8Portable;

const DepthwiseI8& depthwise_i8(Isa isa, bool symmetric_weights) {
#if defined(__x86_64__)
  if (implies(isa, Isa::avx512vnni) && symmetric_weights) return kDepthwiseI8Avx512Vnni;
  if (implies(isa, Isa::avx512)) return kDepthwiseI8Avx512;
  if (implies(isa, Isa::avx2)) return kDepthwiseI8Avx2;
#elif defined(__aarch64__)
  if (implies(isa, Isa::neondot) && symmetric_weights) return kDepthwiseI8NeonDot;
  if (implies(isa, Isa::neon)) return symmetric_weights ? kDepthwiseI8Neon : kDepthwiseI8NeonWords;
#endif
  (void)isa;
  (void)symmetric_weights;
  return kDepthwiseI8Portable;
}

// A block is 128-bit lanes side by side, each of some runs; interleaving puts run q of every lane
// into part q.
int DepthwiseI8::channel_at(int p) const {
  if (run == lanes || group == 1) return p;
  const int parts = weight_bytes == 1 ? 4 : 2;
  const int lanes_128 = lanes / (parts * run);
  const int part = p / (lanes_128 * run), lane = p / run % lanes_128;
  return (lane * parts + part) * run + p % run;
}

}  // namespace fettle::runtime
