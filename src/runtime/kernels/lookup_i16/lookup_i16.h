// SPDX-License-Identifier: Apache-2.0
//
// Functions of 16-bit codes by table, with straight lines or curves between the entries: what
// Lookup computes (base/wide_table.h), in integers, bit for bit.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace fettle::runtime {

// `shift` as WideTable has it. y may be x.
using LookupI16Fn = void (*)(const int16_t* x, const int16_t* table, int shift, int16_t* y,
                             int64_t count);

struct LookupI16 {
  LookupI16Fn lines, curves;
};

// The best that runs on `isa`.
const LookupI16& lookup_i16(Isa isa);

}  // namespace fettle::runtime
