// SPDX-License-Identifier: Apache-2.0
//
// Tables over 16-bit codes: entries 2^shift codes apart, the first of code -32768, the last one
// past the largest code; what lies between two is interpolated.
#pragma once

#include <cstdint>

namespace fettle::ops {

inline constexpr int kMostTableShift = 7;  // 513 entries

constexpr int64_t wide_table_entries(int shift) { return (int64_t{65536} >> shift) + 1; }
// -1: no table has so many entries.
int wide_table_shift(int64_t entries);

// The result for code x: what Lookup means.
int16_t look_up(const int16_t* table, int shift, int16_t x);

}  // namespace fettle::ops
