// SPDX-License-Identifier: Apache-2.0
//
// Instruction sets as values. A kernel names the one it requires; dispatch takes the best that
// the machine has, or the one that is asked for, so that a test can force any path.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fettle {

// In order of preference within an architecture; a later one implies the earlier ones of its
// architecture, and every one implies portable.
enum class Isa : uint8_t {
  portable = 0,
  avx2 = 1,        // AVX2 and FMA
  avx512 = 2,      // AVX-512 F, BW, DQ, VL
  avx512vnni = 3,  // and VNNI
  avx512vbmi = 4,  // and VBMI
  neon = 8,        // Armv8.0 AdvSIMD
  neondot = 9,     // and SDOT/UDOT
  neoni8mm = 10,   // and SMMLA
};

// What every machine has that this build is made for. The linker drops the kernels for less
// (cmake/settings.cmake: FETTLE_ISA_FLOOR).
#ifndef FETTLE_ISA_FLOOR
#define FETTLE_ISA_FLOOR portable
#endif
inline constexpr Isa kIsaFloor = Isa::FETTLE_ISA_FLOOR;

std::string_view name_of(Isa isa);
bool isa_from_name(std::string_view name, Isa* isa);
// Whether a machine whose best is `have` runs code for `need`. Known when it is compiled where
// `need` is the floor, so that what would stand in for it is never reached.
constexpr bool implies(Isa have, Isa need) {
  if (need == Isa::portable || need == kIsaFloor) return true;
  const bool same_architecture = (have >= Isa::neon) == (need >= Isa::neon);
  return same_architecture && have >= need;
}
// The best that this machine has; the environment variable FETTLE_ISA lowers it by name, to the
// floor at most.
Isa detect_isa();
// Every instruction set that this machine runs and this build has, the least first.
std::span<const Isa> available_isas();
// How many processors this process may use (its affinity mask), at least 1.
int usable_cores();

}  // namespace fettle
