// SPDX-License-Identifier: Apache-2.0
//
// Loops that do nothing but multiply and accumulate in registers, one per instruction set and type:
// what a core can do at most. The integer ones use the instructions that exact kernels use, never
// one that saturates on the way.
//
// Contract: one round is kMacs multiply-accumulates of independent chains, enough of them to hide
// the latency; `sink` takes a result so that nothing is optimized away. Run a loop only where
// available_isas() has its instruction set.
#pragma once

#include <cstdint>
#include <span>

#include "base/cpu.h"
#include "base/dtype.h"

namespace fettle::device {

struct PeakLoop {
  Isa isa;
  DType type;
  int64_t macs_per_round;
  void (*run)(int64_t rounds, void* sink);  // sink: 64 bytes, 64-byte aligned
};

// Of this build, best last within a type.
std::span<const PeakLoop> peak_loops();

#define FETTLE_PEAK_LOOP(name, macs)        \
  inline constexpr int64_t k_##name = macs; \
  void name(int64_t rounds, void* sink)

FETTLE_PEAK_LOOP(peak_f32_portable, 64);
FETTLE_PEAK_LOOP(peak_i8_portable, 64);
FETTLE_PEAK_LOOP(peak_i16_portable, 64);
FETTLE_PEAK_LOOP(peak_f32_avx2, 12 * 8);
FETTLE_PEAK_LOOP(peak_i16_avx2, 12 * 16);
FETTLE_PEAK_LOOP(peak_f32_avx512, 24 * 16);
FETTLE_PEAK_LOOP(peak_i16_avx512, 12 * 32);
FETTLE_PEAK_LOOP(peak_i8_avx512vnni, 24 * 64);
FETTLE_PEAK_LOOP(peak_i16_avx512vnni, 24 * 32);
FETTLE_PEAK_LOOP(peak_f32_neon, 24 * 4);
FETTLE_PEAK_LOOP(peak_i8_neon, 12 * 16);
FETTLE_PEAK_LOOP(peak_i16_neon, 24 * 4);
FETTLE_PEAK_LOOP(peak_i8_neondot, 24 * 16);
#undef FETTLE_PEAK_LOOP

}  // namespace fettle::device
