// SPDX-License-Identifier: Apache-2.0
//
// A function of one 8-bit code, by a table of its 256 results: a vector at a time where the
// instruction set has byte shuffles.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

inline constexpr int kLookupCodes = 256;

// y[i] = table[x[i] + 128] for i < n; y may be x.
using LookupI8Fn = void (*)(const int8_t* x, const int8_t* table, int8_t* y, int64_t n);
// The best that runs on `isa`.
LookupI8Fn lookup_i8(Isa isa);

}  // namespace fettle::runtime
