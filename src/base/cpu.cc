// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace fettle {

namespace {
struct Row {
  Isa isa;
  std::string_view name;
};
constexpr Row kRows[] = {{Isa::portable, "portable"},     {Isa::avx2, "avx2"},
                         {Isa::avx512, "avx512"},         {Isa::avx512vnni, "avx512vnni"},
                         {Isa::avx512vbmi, "avx512vbmi"}, {Isa::neon, "neon"},
                         {Isa::neondot, "neondot"},       {Isa::neoni8mm, "neoni8mm"}};

Isa machine_isa() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Isa::portable;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx512) return Isa::avx2;
  if (!__builtin_cpu_supports("avx512vnni")) return Isa::avx512;
  return __builtin_cpu_supports("avx512vbmi") ? Isa::avx512vbmi : Isa::avx512vnni;
#elif defined(__aarch64__)
  constexpr unsigned long kAsimdDp = 1UL << 20, kI8mm = 1UL << 13;  // Linux HWCAP, HWCAP2
  if ((getauxval(AT_HWCAP) & kAsimdDp) == 0) return Isa::neon;
  return (getauxval(AT_HWCAP2) & kI8mm) != 0 ? Isa::neoni8mm : Isa::neondot;
#else
  return Isa::portable;
#endif
}
}  // namespace

std::string_view name_of(Isa isa) {
  for (const Row& r : kRows) {
    if (r.isa == isa) return r.name;
  }
  return "unknown";
}

bool isa_from_name(std::string_view name, Isa* isa) {
  for (const Row& r : kRows) {
    if (r.name == name) {
      *isa = r.isa;
      return true;
    }
  }
  return false;
}

Isa detect_isa() {
  static const Isa isa = [] {
    const Isa best = machine_isa();
    const char* forced = std::getenv("FETTLE_ISA");
    Isa wanted = best;
    const bool lowered = forced && isa_from_name(forced, &wanted) && implies(best, wanted);
    return lowered ? std::max(wanted, kIsaFloor) : best;
  }();
  return isa;
}

std::span<const Isa> available_isas() {
  static const std::vector<Isa> isas = [] {
    std::vector<Isa> v;
    for (const Row& r : kRows) {
      if (r.isa >= kIsaFloor && implies(machine_isa(), r.isa)) v.push_back(r.isa);
    }
    return v;
  }();
  return isas;
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace fettle
