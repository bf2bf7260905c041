// SPDX-License-Identifier: Apache-2.0
//
// Functions of 16-bit codes by table, with straight lines between the entries: what Lookup computes
// (src/ops/lookup), in integers, bit for bit.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// The table has (65536 >> shift) + 1 entries. y may be x.
using LookupI16Fn = void (*)(const int16_t* x, const int16_t* table, int shift, int16_t* y,
                             int64_t count);

// The best that runs on `isa`.
LookupI16Fn lookup_i16(Isa isa);

}  // namespace fettle::runtime
